/* The body of the loop; interpreter.c includes it twice, plain and traced. No include guard.
 *
 * Dispatch is by computed goto, or with -DVM_DISPATCH_SWITCH by a portable switch. The plain
 * loop checks stack and gas once a block, at BLOCK and JUMPDEST; the traced one at every step.
 * ip, sp and gas live in locals; SAVE() before another file sees the frame, LOAD() after. */

/* noinline and noclone: a second copy of this function would have labels of its own. */
__attribute__((noinline, noclone)) void LOOP_NAME(struct vm *vm)
{
    const struct vm_environment *environment = vm->environment;
    struct frame *frame;
    const struct vm_analysis *analysis;
    const struct vm_instruction *ip;
    u256 *sp;
    uint64_t gas;
    enum vm_status status;
    enum vm_next next;
#if LOOP_TRACED
    uint64_t pc = 0, step_pc = 0;
#endif

#define SAVE() (frame->ip = ip, frame->sp = sp, frame->gas = gas)
#define LOAD() (sp = frame->sp, gas = frame->gas)
#define END(why)                                                                                  \
    do {                                                                                           \
        status = (why);                                                                            \
        goto end_frame;                                                                            \
    } while (0)

#ifdef VM_DISPATCH_SWITCH
#define OPERATION(name) case VM_OPERATION_##name: operation_##name: __attribute__((unused));
#define OPCODE(name)    case VM_OP_##name: opcode_##name: __attribute__((unused));
#define DISPATCH(number)                                                                           \
    do {                                                                                           \
        dispatched = (number);                                                                     \
        goto dispatch;                                                                             \
    } while (0)
    uint8_t dispatched;
#else
#define OPERATION(name)  operation_##name: __attribute__((unused));
#define OPCODE(name)     opcode_##name: __attribute__((unused));
#define DISPATCH(number) goto *labels[number]
    static const void *const labels[256] = {
#define X(number, name, base_gas, in, out, immediate, fork) [number] = &&opcode_##name,
#define PUSH_LABEL(number, name, base_gas, in, out, immediate, fork)                               \
    [number] = &&operation_PUSH_BYTES,
        VM_OPCODES_BUT_PUSH(X)
        VM_OPCODES_PUSH(PUSH_LABEL)
#undef X
#undef PUSH_LABEL
        [VM_OPERATION_BLOCK] = &&operation_BLOCK,
        [VM_OPERATION_PUSH_SMALL] = &&operation_PUSH_SMALL,
        [VM_OPERATION_PUSH_1] = &&operation_PUSH_1,
        [VM_OPERATION_PUSH_2] = &&operation_PUSH_2,
        [VM_OPERATION_PUSH_3] = &&operation_PUSH_3,
        [VM_OPERATION_PUSH_4] = &&operation_PUSH_4,
        [VM_OPERATION_JUMP_TO] = &&operation_JUMP_TO,
        [VM_OPERATION_JUMPI_TO] = &&operation_JUMPI_TO,
        [VM_OPERATION_PUSH_BYTES] = &&operation_PUSH_BYTES,
    };
#endif

#if LOOP_TRACED
#define RUN() goto step
#define ENTER_BLOCK() goto step
#define TO_DEST() goto step
#else
#define RUN()         DISPATCH(ip->operation)
/* After a pause ip is at a BLOCK or a JUMPDEST; at a jump's target, at a JUMPDEST. */
#define ENTER_BLOCK() RUN()
#define TO_DEST()     goto opcode_JUMPDEST
#endif
#define NEXT()                                                                                     \
    do {                                                                                           \
        ip++;                                                                                      \
        RUN();                                                                                     \
    } while (0)

/* An opcode that another file carries out. */
#define CARRIED_OUT(name, call)                                                                    \
    OPCODE(name)                                                                                   \
    SAVE();                                                                                        \
    if (!(call)) {                                                                                 \
        gas = frame->gas;                                                                          \
        END(vm->failure);                                                                         \
    }                                                                                              \
    LOAD();                                                                                        \
    NEXT();

/* Two words to one by an inline function or by one that returns a word. */
#define BINARY(name, function)                                                                     \
    OPCODE(name)                                                                                   \
    function(&sp[-1], &sp[0], &sp[-1]); /* out, top, below */                                      \
    sp--;                                                                                          \
    NEXT();
#define BINARY_CALL(name, function)                                                                \
    OPCODE(name)                                                                                   \
    {                                                                                              \
        u256 result = function(&sp[0], &sp[-1]);                                                   \
        word_copy(--sp, &result);                                                                  \
        NEXT();                                                                                    \
    }
#define TERNARY_CALL(name, function)                                                               \
    OPCODE(name)                                                                                   \
    {                                                                                              \
        u256 result = function(&sp[0], &sp[-1], &sp[-2]);                                          \
        sp -= 2;                                                                                   \
        word_copy(sp, &result);                                                                    \
        NEXT();                                                                                    \
    }
#define COMPARE(name, condition)                                                                   \
    OPCODE(name)                                                                                   \
    {                                                                                              \
        bool answer = (condition);                                                                 \
        word_set(--sp, answer);                                                                    \
        NEXT();                                                                                    \
    }
#define BITWISE(name, operator)                                                                    \
    OPCODE(name)                                                                                   \
    word_store(&sp[-1], sp[0].limbs[0] operator sp[-1].limbs[0],                                   \
               sp[0].limbs[1] operator sp[-1].limbs[1], sp[0].limbs[2] operator sp[-1].limbs[2],   \
               sp[0].limbs[3] operator sp[-1].limbs[3]);                                           \
    sp--;                                                                                          \
    NEXT();
#define PUSH_NUMBER(name, value)                                                                   \
    OPCODE(name)                                                                                   \
    {                                                                                              \
        uint64_t number = (value);                                                                 \
        word_set(++sp, number);                                                                    \
        NEXT();                                                                                    \
    }
#define PUSH_WORD(name, value)                                                                     \
    OPCODE(name)                                                                                   \
    {                                                                                              \
        u256 word = (value);                                                                       \
        word_copy(++sp, &word);                                                                    \
        NEXT();                                                                                    \
    }
#define DUP(count)                                                                                 \
    OPCODE(DUP##count)                                                                             \
    word_copy(&sp[1], &sp[1 - (count)]);                                                           \
    sp++;                                                                                          \
    NEXT();
#define SWAP(count)                                                                                \
    OPCODE(SWAP##count)                                                                            \
    word_swap(&sp[0], &sp[-(count)]);                                                              \
    NEXT();

#define IS_CANCELLED() (__builtin_expect(--vm->polls_left == 0, 0) && poll_says_cancel(vm))

enter_frame:
    frame = vm->frame;
    analysis = frame->analysis;
    ip = frame->ip;
    LOAD();
    RUN();

#if LOOP_TRACED
step:
    trace_step_end(vm, gas, VM_SUCCESS);
    if (ip->operation == VM_OPERATION_BLOCK || ip->operation == VM_OP_JUMPDEST) {
        pc = analysis->blocks[ip->operand].pc;
        ip += ip->operation == VM_OPERATION_BLOCK;
    }
    SAVE();
    trace_step(vm, pc, ip->opcode);
    status = step_failure(analysis, ip->opcode, (size_t)(sp + 1 - frame->stack_start), gas);
    if (status != VM_SUCCESS)
        goto end_frame;
    gas -= VM_OPCODE_TRAITS[ip->opcode].base_gas;
    step_pc = pc;
    pc += 1u + VM_OPCODE_TRAITS[ip->opcode].immediate_bytes;
    DISPATCH(ip->opcode);
#endif

#ifdef VM_DISPATCH_SWITCH
dispatch:
    switch (dispatched) {
#define PUSH_CASE(number, name, base_gas, in, out, immediate, fork) case number:
        VM_OPCODES_PUSH(PUSH_CASE)
        goto operation_PUSH_BYTES;
#undef PUSH_CASE
    default: goto opcode_INVALID;
#endif

    OPERATION(BLOCK)
    OPCODE(JUMPDEST)
    {
#if !LOOP_TRACED
        const struct vm_block *block = &analysis->blocks[ip->operand];
        size_t height = (size_t)(sp + 1 - frame->stack_start);
        if (__builtin_expect(gas < block->gas, 0) ||
            __builtin_expect(height < block->stack_need, 0) ||
            __builtin_expect(height + block->stack_growth > STACK_WORDS_MAX, 0))
            END(block_failure(analysis, ip, height, gas));
        gas -= block->gas;
#endif
        NEXT();
    }

    OPCODE(STOP)
    frame->output = bytes_of(NULL, 0);
    END(VM_SUCCESS);

    BINARY(ADD, word_add)
    BINARY_CALL(MUL, u256_mul)
    BINARY(SUB, word_sub)
    BINARY_CALL(DIV, u256_div)
    BINARY_CALL(SDIV, u256_sdiv)
    BINARY_CALL(MOD, u256_mod)
    BINARY_CALL(SMOD, u256_smod)
    TERNARY_CALL(ADDMOD, u256_addmod)
    TERNARY_CALL(MULMOD, u256_mulmod)
    CARRIED_OUT(EXP, instruction_exp(vm, frame))
    BINARY_CALL(SIGNEXTEND, u256_signextend)

    COMPARE(LT, word_less(&sp[0], &sp[-1]))
    COMPARE(GT, word_less(&sp[-1], &sp[0]))
    COMPARE(SLT, word_signed_less(&sp[0], &sp[-1]))
    COMPARE(SGT, word_signed_less(&sp[-1], &sp[0]))
    COMPARE(EQ, word_equal(&sp[0], &sp[-1]))

    OPCODE(ISZERO)
    {
        bool answer = word_is_zero(sp);
        word_set(sp, answer);
        NEXT();
    }

    BITWISE(AND, &)
    BITWISE(OR, |)
    BITWISE(XOR, ^)

    OPCODE(NOT)
    word_store(sp, ~sp->limbs[0], ~sp->limbs[1], ~sp->limbs[2], ~sp->limbs[3]);
    NEXT();

    OPCODE(BYTE)
    {
        uint64_t index = sp[0].limbs[0], byte = 0; /* 0 is the most significant */
        if (word_is_small(&sp[0]) && index < 32)
            byte = sp[-1].limbs[(31 - index) / 8] >> ((31 - index) % 8 * 8) & 0xff;
        word_set(--sp, byte);
        NEXT();
    }

#define SHIFT(name, function)                                                                      \
    OPCODE(name)                                                                                   \
    {                                                                                              \
        u256 result = function(&sp[-1], &sp[0]);                                                   \
        word_copy(--sp, &result);                                                                  \
        NEXT();                                                                                    \
    }
    SHIFT(SHL, u256_shl)
    SHIFT(SHR, u256_shr)
    SHIFT(SAR, u256_sar)
#undef SHIFT

    CARRIED_OUT(KECCAK256, instruction_keccak256(vm, frame))

    PUSH_WORD(ADDRESS, u256_from_address(&frame->recipient))
    CARRIED_OUT(BALANCE, instruction_balance(vm, frame))
    PUSH_WORD(ORIGIN, u256_from_address(&environment->origin))
    PUSH_WORD(CALLER, u256_from_address(&frame->sender))

    OPCODE(CALLVALUE)
    word_copy(++sp, &frame->value);
    NEXT();

    OPCODE(CALLDATALOAD)
    if (word_is_small(sp) && sp->limbs[0] < frame->input.size &&
        frame->input.size - sp->limbs[0] >= 32)
        word_load_be(sp, frame->input.data + sp->limbs[0]);
    else
        load_calldata(sp, frame->input, sp);
    NEXT();

    PUSH_NUMBER(CALLDATASIZE, frame->input.size)
    CARRIED_OUT(CALLDATACOPY, instruction_calldatacopy(vm, frame))
    PUSH_NUMBER(CODESIZE, frame->code.size)
    CARRIED_OUT(CODECOPY, instruction_codecopy(vm, frame))

    OPCODE(GASPRICE)
    word_copy(++sp, &environment->gas_price);
    NEXT();

    CARRIED_OUT(EXTCODESIZE, instruction_extcodesize(vm, frame))
    CARRIED_OUT(EXTCODECOPY, instruction_extcodecopy(vm, frame))
    PUSH_NUMBER(RETURNDATASIZE, frame->return_data.size)
    CARRIED_OUT(RETURNDATACOPY, instruction_returndatacopy(vm, frame))
    CARRIED_OUT(EXTCODEHASH, instruction_extcodehash(vm, frame))

    CARRIED_OUT(BLOCKHASH, instruction_blockhash(vm, frame))
    PUSH_WORD(COINBASE, u256_from_address(&environment->coinbase))
    PUSH_NUMBER(TIMESTAMP, environment->timestamp)
    PUSH_NUMBER(NUMBER, environment->number)
    PUSH_WORD(PREVRANDAO, u256_from_hash(&environment->prev_randao))
    PUSH_NUMBER(GASLIMIT, environment->gas_limit)
    PUSH_NUMBER(CHAINID, environment->chain_id)
    CARRIED_OUT(SELFBALANCE, instruction_selfbalance(vm, frame))

    OPCODE(BASEFEE)
    word_copy(++sp, &environment->base_fee);
    NEXT();

    CARRIED_OUT(BLOBHASH, instruction_blobhash(vm, frame))

    OPCODE(BLOBBASEFEE)
    word_copy(++sp, &environment->blob_base_fee);
    NEXT();

    OPCODE(POP)
    sp--;
    NEXT();

#define NEED_MEMORY(bytes)                                                                         \
    do {                                                                                           \
        if (__builtin_expect(!word_is_small(sp) || sp->limbs[0] >= MEMORY_SIZE_LIMIT ||            \
                                 sp->limbs[0] + (bytes) > frame->memory.size, 0)) {                \
            SAVE();                                                                                \
            if (!grow_for(frame, sp, bytes))                                                       \
                END(VM_OUT_OF_GAS);                                                               \
            gas = frame->gas;                                                                      \
        }                                                                                          \
    } while (0)

    OPCODE(MLOAD)
    NEED_MEMORY(32);
    word_load_be(sp, frame->memory.data + sp->limbs[0]);
    NEXT();

    OPCODE(MSTORE)
    NEED_MEMORY(32);
    word_store_be(frame->memory.data + sp[0].limbs[0], &sp[-1]);
    sp -= 2;
    NEXT();

    OPCODE(MSTORE8)
    NEED_MEMORY(1);
    frame->memory.data[sp[0].limbs[0]] = (uint8_t)sp[-1].limbs[0];
    sp -= 2;
    NEXT();

    CARRIED_OUT(SLOAD, instruction_sload(vm, frame))
    CARRIED_OUT(SSTORE, instruction_sstore(vm, frame))

    OPCODE(JUMP)
    {
        const struct vm_instruction *target =
            word_is_small(sp) ? vm_analysis_jump(analysis, sp->limbs[0]) : NULL;
        if (target == NULL)
            END(VM_INVALID_JUMP);
        sp--;
        if (target <= ip && IS_CANCELLED())
            goto cancel;
        ip = target;
        TO_DEST();
    }

    OPCODE(JUMPI)
    {
        if (word_is_zero(&sp[-1])) {
            sp -= 2;
            ip++;
            ENTER_BLOCK();
        }
        const struct vm_instruction *target =
            word_is_small(sp) ? vm_analysis_jump(analysis, sp->limbs[0]) : NULL;
        if (target == NULL)
            END(VM_INVALID_JUMP);
        sp -= 2;
        if (target <= ip && IS_CANCELLED())
            goto cancel;
        ip = target;
        TO_DEST();
    }

    OPERATION(JUMP_TO)
    {
        const struct vm_instruction *target = analysis->instructions + ip->operand;
        if (target <= ip && IS_CANCELLED())
            goto cancel;
        ip = target;
        TO_DEST();
    }

    OPERATION(JUMPI_TO)
    {
        bool is_taken = !word_is_zero(sp);
        sp--;
        if (!is_taken) {
            ip += 2; /* over the JUMPI that is fused in */
            ENTER_BLOCK();
        }
        const struct vm_instruction *target = analysis->instructions + ip->operand;
        if (target <= ip && IS_CANCELLED())
            goto cancel;
        ip = target;
        TO_DEST();
    }

    PUSH_NUMBER(PC, ip->operand)
    PUSH_NUMBER(MSIZE, frame->memory.size)
    PUSH_NUMBER(GAS, gas)
    CARRIED_OUT(TLOAD, instruction_tload(vm, frame))
    CARRIED_OUT(TSTORE, instruction_tstore(vm, frame))
    CARRIED_OUT(MCOPY, instruction_mcopy(vm, frame))
    PUSH_NUMBER(PUSH0, 0)

    OPERATION(PUSH_SMALL)
    word_set(++sp, ip->operand);
    NEXT();

#define LIMB(index) analysis->limbs[ip->operand + (index)]
    OPERATION(PUSH_1)
    word_set(++sp, LIMB(0));
    NEXT();

    OPERATION(PUSH_2)
    word_store(++sp, LIMB(0), LIMB(1), 0, 0);
    NEXT();

    OPERATION(PUSH_3)
    word_store(++sp, LIMB(0), LIMB(1), LIMB(2), 0);
    NEXT();

    OPERATION(PUSH_4)
    word_store(++sp, LIMB(0), LIMB(1), LIMB(2), LIMB(3));
    NEXT();
#undef LIMB

    OPERATION(PUSH_BYTES)
#if LOOP_TRACED
    push_from_code(++sp, frame->code, step_pc);
    NEXT();
#else
    __builtin_unreachable(); /* the stream has the values */
#endif

    DUP(1) DUP(2) DUP(3) DUP(4) DUP(5) DUP(6) DUP(7) DUP(8)
    DUP(9) DUP(10) DUP(11) DUP(12) DUP(13) DUP(14) DUP(15) DUP(16)
    SWAP(1) SWAP(2) SWAP(3) SWAP(4) SWAP(5) SWAP(6) SWAP(7) SWAP(8)
    SWAP(9) SWAP(10) SWAP(11) SWAP(12) SWAP(13) SWAP(14) SWAP(15) SWAP(16)

    CARRIED_OUT(LOG0, instruction_log(vm, frame, 0))
    CARRIED_OUT(LOG1, instruction_log(vm, frame, 1))
    CARRIED_OUT(LOG2, instruction_log(vm, frame, 2))
    CARRIED_OUT(LOG3, instruction_log(vm, frame, 3))
    CARRIED_OUT(LOG4, instruction_log(vm, frame, 4))

    OPCODE(CREATE)
    OPCODE(CREATE2)
    ip++;
    SAVE();
    next = calls_create(vm, frame, ip[-1].opcode);
    goto after_call;

    OPCODE(CALL)
    OPCODE(CALLCODE)
    OPCODE(DELEGATECALL)
    OPCODE(STATICCALL)
    ip++;
    SAVE();
    next = calls_call(vm, frame, ip[-1].opcode);

after_call:
    if (next == VM_FAILED) {
        gas = frame->gas;
        END(vm->failure);
    }
    if (IS_CANCELLED())
        goto cancel_saved;
    if (next == VM_ENTERED)
        goto enter_frame;
    LOAD();
    ENTER_BLOCK();

    OPCODE(RETURN)
    SAVE();
    if (!instruction_output(vm, frame))
        END(vm->failure);
    gas = frame->gas;
    END(VM_SUCCESS);

    OPCODE(REVERT)
    SAVE();
    if (!instruction_output(vm, frame))
        END(vm->failure);
    gas = frame->gas;
    END(VM_REVERT);

    OPCODE(INVALID)
    END(VM_INVALID_OPCODE);

    OPCODE(SELFDESTRUCT)
    SAVE();
    if (!instruction_selfdestruct(vm, frame))
        END(vm->failure);
    gas = frame->gas;
    frame->output = bytes_of(NULL, 0);
    END(VM_SUCCESS);

#ifdef VM_DISPATCH_SWITCH
    }
#endif

end_frame:
    SAVE();
#if LOOP_TRACED
    trace_step_end(vm, gas, status == VM_REVERT ? VM_SUCCESS : status);
#endif
    if (calls_end(vm, status))
        goto enter_frame;
    return;

cancel:
    SAVE();
cancel_saved:
    calls_cancel(vm);
}

#undef SAVE
#undef LOAD
#undef END
#undef OPERATION
#undef OPCODE
#undef DISPATCH
#undef RUN
#undef ENTER_BLOCK
#undef TO_DEST
#undef NEXT
#undef CARRIED_OUT
#undef BINARY
#undef BINARY_CALL
#undef TERNARY_CALL
#undef COMPARE
#undef BITWISE
#undef PUSH_NUMBER
#undef PUSH_WORD
#undef DUP
#undef SWAP
#undef IS_CANCELLED
#undef NEED_MEMORY
