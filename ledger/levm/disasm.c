/* levm disasm: one instruction a line; with --blocks cut into basic blocks. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/levm/command.h"
#include "ledger/levm/files.h"
#include "ledger/levm/flags.h"
#include "ledger/levm/json.h"
#include "vm/base/hex.h"
#include "vm/opcodes.h"

/* A run of instructions that is entered at its start and left at its end only. */
struct block {
    size_t start;
    size_t instructions;
    uint64_t gas;    /* of its opcodes, without what depends on operands */
    long height;     /* of the stack, against its start */
    long need;       /* words that must be there */
    long growth;     /* words above the start at most */
    bool is_reached; /* by a jump, or from the block before */
    bool is_target;
    struct buffer lines;
};

struct disassembly {
    struct bytes code;
    enum vm_fork fork;
    bool has_blocks;
    struct block block;
};

static void print_block(struct disassembly *out)
{
    struct block *block = &out->block;
    if (out->has_blocks && block->instructions > 0)
        printf("%s; block %05zx: %zu instructions, gas %" PRIu64 ", needs %ld, grows %ld%s\n",
               block->start == 0 ? "" : "\n", block->start, block->instructions, block->gas,
               block->need, block->growth,
               block->is_target    ? ", jump destination"
               : block->is_reached ? ""
                                   : ", unreachable");
    if (block->lines.size > 0)
        fwrite(block->lines.data, 1, block->lines.size, stdout);
    buffer_clear(&block->lines);
}

static void begin_block(struct disassembly *out, size_t pc, bool is_target, bool is_reached)
{
    struct buffer lines = out->block.lines;
    print_block(out);
    out->block = (struct block){.start = pc,
                                .is_target = is_target,
                                .is_reached = is_reached || is_target,
                                .lines = {lines.data, 0, lines.capacity}};
}

/* The line of one instruction; an immediate that the end of the code cuts reads as zeros there. */
static void put_line(struct disassembly *out, size_t pc, const char *name, size_t immediate_size)
{
    struct buffer *lines = &out->block.lines;
    uint8_t opcode = out->code.data[pc];
    size_t left = out->code.size - pc - 1;
    size_t present = immediate_size < left ? immediate_size : left;
    if (name == NULL)
        buffer_append_format(lines, "%05zx: opcode 0x%x not defined", pc, opcode);
    else
        buffer_append_format(lines, "%05zx: %s", pc, name);
    if (immediate_size > 0) {
        buffer_append_u8(lines, ' ');
        hex_append(lines, bytes_of(out->code.data + pc + 1, present));
    }
    if (present < immediate_size)
        buffer_append_format(lines, " (cut: %zu of %zu bytes)", present, immediate_size);
    buffer_append_u8(lines, '\n');
}

static void count_instruction(struct block *block, const struct vm_opcode_traits *traits)
{
    long need = (long)traits->stack_in - block->height;
    if (need > block->need)
        block->need = need;
    block->height += (long)traits->stack_out - (long)traits->stack_in;
    if (block->height > block->growth)
        block->growth = block->height;
    block->gas += traits->base_gas;
    block->instructions++;
}

static bool ends_flow(uint8_t opcode, bool is_defined)
{
    return !is_defined || opcode == VM_OP_STOP || opcode == VM_OP_JUMP || opcode == VM_OP_RETURN
           || opcode == VM_OP_REVERT || opcode == VM_OP_INVALID || opcode == VM_OP_SELFDESTRUCT;
}

static void disassemble(struct disassembly *out)
{
    bool is_reached = true, is_new = true;
    for (size_t pc = 0; pc < out->code.size;) {
        uint8_t opcode = out->code.data[pc];
        bool is_defined = vm_opcode_is_defined(opcode, out->fork);
        const struct vm_opcode_traits *traits = &VM_OPCODE_TRAITS[opcode];
        bool is_target = is_defined && opcode == VM_OP_JUMPDEST;
        if (is_new || is_target)
            begin_block(out, pc, is_target, is_reached);
        size_t immediate_size = is_defined ? traits->immediate_bytes : 0;
        put_line(out, pc, is_defined ? traits->name : NULL, immediate_size);
        if (is_defined)
            count_instruction(&out->block, traits);
        else
            out->block.instructions++;
        is_reached = out->block.is_reached && !ends_flow(opcode, is_defined);
        is_new = opcode == VM_OP_JUMPI || (ends_flow(opcode, is_defined) && out->block.is_reached);
        pc += 1 + immediate_size;
    }
    print_block(out);
    buffer_cleanup(&out->block.lines);
}

/* The argument itself where it is hex, else the file of that name. */
static bool read_code(const char *argument, struct buffer *code, struct error *error)
{
    struct error not_hex;
    struct buffer text = {0};
    if (text_bytes(bytes_of_text(argument), "code", code, &not_hex))
        return true;
    bool ok = files_load(argument, &text, error);
    if (!ok && error->code == ERROR_NOT_FOUND)
        error_set(error, ERROR_NOT_FOUND,
                  "'%.80s' is neither an even number of hex digits nor a file", argument);
    else if (ok && !text_bytes(buffer_view(&text), "code", code, error))
        ok = error_prefix(error, "%.200s", argument);
    buffer_cleanup(&text);
    return ok;
}

int disasm_command(int count, char **arguments)
{
    struct error error = {0};
    struct disassembly out = {.fork = VM_FORK_NEWEST};
    struct buffer code = {0};
    const char *fork = NULL;
    const struct flag flags[] = {
        {.name = "blocks", .is_on = &out.has_blocks},
        {.name = "state.fork", .value = &fork},
    };
    if (!flags_parse(flags, sizeof flags / sizeof flags[0], arguments, &count, 1, &error))
        return command_misused("disasm", &error);
    if (count == 0) {
        error_set(&error, ERROR_INVALID, "expected code in hex, or a file of it ('-': stdin)");
        return command_misused("disasm", &error);
    }
    bool ok = (fork == NULL || command_fork(&out.fork, fork, &error))
              && read_code(arguments[0], &code, &error);
    if (ok) {
        out.code = buffer_view(&code);
        disassemble(&out);
    }
    buffer_cleanup(&code);
    return ok ? EXIT_DONE : command_failed(&error);
}
