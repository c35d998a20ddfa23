/* Messages 1,024 deep below the first, on a native stack of 256 KiB, over the real journal. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>

#include "ledger/state/memory.h"
#include "ledger/state/state.h"
#include "vm/base/hex.h"
#include "vm/gas.h"
#include "vm/vm.h"

#define NATIVE_STACK_SIZE (256 * 1024)
#define GAS               (UINT64_C(1) << 50) /* so much that 63/64 of it, 1,024 times, is plenty */

/* The head of every program: transient slot 0 counts the messages that began. Where storage is
 * each contract's own, or must not change, logs or nothing count. */
#define COUNT      "5f5c6001015f5d" /* TLOAD(0) + 1 -> TSTORE(0) */
#define LOG        "5f5fa0"
#define COPY_INPUT "365f5f37" /* CALLDATACOPY: the input at 0 */
#define COPY_CODE  "385f5f39" /* CODECOPY: its own code at 0 */

struct deep {
    const char *name;
    const char *code;
    enum vm_message_kind kind;
    bool is_logged; /* counted by logs, not in transient storage */
};

static const struct deep PROGRAMS[] = {
    /* input and output nothing, value nothing, itself, all gas there is */
    {"CALL", COUNT "5f5f5f5f5f305af100", VM_CALL, false},
    {"CALLCODE", COUNT "5f5f5f5f5f305af200", VM_CALL, false},
    {"DELEGATECALL", COUNT "5f5f5f5f305af400", VM_CALL, false},
    /* its own code as init code; value and salt nothing */
    {"CREATE", LOG COPY_CODE "385f5ff000", VM_CREATE, true},
    {"CREATE2", LOG COPY_CODE "5f385f5ff500", VM_CREATE, true},
    /* in turn: the contract creates, and the new one, which has no code yet, calls its creator */
    {"CALL and CREATE",
     LOG "303b601157"
         "5f5f5f5f5f335af100"
         "5b" COPY_CODE "385f5ff000",
     VM_CALL, true},
};

struct errand {
    struct vm_message message;
    struct state *state;
    struct vm *vm;
    struct vm_result result;
};

static void *run(void *argument)
{
    struct errand *errand = argument;
    struct vm_host host = state_host(errand->state);
    struct vm_environment environment = {.fork = VM_FORK_OSAKA, .gas_limit = GAS};
    errand->result = vm_execute(errand->vm, &environment, &host, &errand->message, NULL);
    return NULL;
}

static void run_on_small_stack(struct errand *errand)
{
    pthread_attr_t attributes;
    pthread_t thread;
    cr_assert_eq(pthread_attr_init(&attributes), 0);
    cr_assert_eq(pthread_attr_setstacksize(&attributes, NATIVE_STACK_SIZE), 0);
    cr_assert_eq(pthread_create(&thread, &attributes, run, errand), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

static const address CONTRACT = {{0xc0, 0xde}};

static uint64_t transient(struct state *state, uint64_t key)
{
    struct vm_host host = state_host(state);
    u256 word = u256_from_u64(key);
    return host.ops->load_transient(host.context, &CONTRACT, &word).limbs[0];
}

/* Calls (or creates) with this code and input; the state is the caller's to look at and free. */
static struct errand go_deep(struct state_reader *reader, struct buffer *code,
                             enum vm_message_kind kind, struct bytes input)
{
    struct errand errand = {.state = state_new(reader), .vm = vm_new()};
    state_begin_transaction(errand.state);
    errand.message = (struct vm_message){.kind = kind,
                                         .gas = GAS,
                                         .sender = {{0x5e}},
                                         .recipient = CONTRACT,
                                         .code_address = CONTRACT,
                                         .input = kind == VM_CREATE ? buffer_view(code) : input};
    if (kind == VM_CALL)
        state_set_code(errand.state, &CONTRACT, buffer_view(code));
    run_on_small_stack(&errand);
    return errand;
}

static void decode(struct buffer *out, const char *hex)
{
    struct buffer text = {0};
    buffer_append_text(&text, "0x");
    buffer_append_text(&text, hex);
    cr_assert(hex_decode_append(out, (const char *)text.data, text.size));
    buffer_cleanup(&text);
}

static void come_back(struct errand *errand, struct buffer *code)
{
    state_free(errand->state);
    vm_free(errand->vm);
    buffer_cleanup(code);
}

Test(depth, every_kind_of_message_reaches_1024_on_a_small_native_stack)
{
    struct memory_state *memory = memory_state_new();
    struct state_reader reader = memory_state_reader(memory);
    for (size_t i = 0; i < sizeof PROGRAMS / sizeof *PROGRAMS; i++) {
        struct buffer code = {0};
        size_t logs;
        decode(&code, PROGRAMS[i].code);
        struct errand errand = go_deep(&reader, &code, PROGRAMS[i].kind, bytes_of(NULL, 0));
        cr_expect_eq(errand.result.status, VM_SUCCESS, "%s: %s", PROGRAMS[i].name,
                     vm_status_name(errand.result.status));
        (void)state_logs(errand.state, &logs);
        uint64_t counted = PROGRAMS[i].is_logged ? logs : transient(errand.state, 0);
        cr_expect_eq(counted, CALL_DEPTH_MAX + 1, "%s: %lu", PROGRAMS[i].name,
                     (unsigned long)counted);
        come_back(&errand, &code);
    }
    memory_state_free(memory);
}

/* A read-only message leaves no count: it passes one on in its input, and the deepest answers with
 * it through all the others. */
#define COUNT_ON  "5f356001015f52"               /* CALLDATALOAD(0) + 1 -> memory 0 */
#define CALL_ON   "6020602060205f305afa"         /* STATICCALL(itself, the count, 32 bytes to 32) */
#define ANSWER_IT "15601a5760206020f35b60205ff3" /* theirs, or where there is none, its own */

Test(depth, read_only_messages_reach_1024_on_a_small_native_stack)
{
    struct memory_state *memory = memory_state_new();
    struct state_reader reader = memory_state_reader(memory);
    struct buffer code = {0};
    decode(&code, COUNT_ON CALL_ON ANSWER_IT);
    struct errand errand = go_deep(&reader, &code, VM_CALL, bytes_of(NULL, 0));
    cr_expect_eq(errand.result.status, VM_SUCCESS);
    cr_assert_eq(errand.result.output.size, 32);
    u256 counted = u256_load_be(errand.result.output.data, 32);
    cr_expect_eq(counted.limbs[0], CALL_DEPTH_MAX + 1);
    come_back(&errand, &code);
    memory_state_free(memory);
}

/* Inputs that each precompile takes: digits, then as many zeros as make up the size. */
static const struct {
    uint16_t number;
    size_t size;
    const char *begin;
} PRECOMPILES[] = {
    {0x01, 128, ""},
    {0x02, 64, "61"},
    {0x03, 64, "61"},
    {0x04, 64, "61"},
    {0x05, 320,
     "0000000000000000000000000000000000000000000000000000000000000020"
     "0000000000000000000000000000000000000000000000000000000000000020"
     "0000000000000000000000000000000000000000000000000000000000000020"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"
     "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"},
    {0x06, 128, ""},
    {0x07, 96, ""},
    /* the generators of both groups of BN254 (EIP-197) */
    {0x08, 192,
     "0000000000000000000000000000000000000000000000000000000000000001"
     "0000000000000000000000000000000000000000000000000000000000000002"
     "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
     "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
     "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
     "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"},
    {0x09, 213, "0000000c"},
    /* the polynomial that is zero everywhere: commitment and proof are the point at infinity */
    {0x0a, 192,
     "010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014"
     "0000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000"
     "c0000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000"
     "c0"},
    /* points at infinity, and the fields' zeros */
    {0x0b, 256, ""},
    {0x0c, 160, ""},
    {0x0d, 512, ""},
    {0x0e, 288, ""},
    {0x0f, 384, ""},
    {0x10, 64, ""},
    {0x11, 128, ""},
    {0x100, 160, ""},
};

#define COUNT_KEPT  "5f5c600101805f5d" /* the same as COUNT, and the count stays on the stack */
#define IF_DEEP     "6103fc1015602557" /* unless 1020 < count, jump over the next */
#define PRECOMPILED "5f5f365f5f61%04x5af160015c0160015d" /* TLOAD(1) + CALL(..) -> TSTORE(1) */
#define CALL_ITSELF "5b5f5f365f5f305af100"

Test(depth, precompiles_run_at_1024_on_a_small_native_stack)
{
    struct memory_state *memory = memory_state_new();
    struct state_reader reader = memory_state_reader(memory);
    for (size_t i = 0; i < sizeof PRECOMPILES / sizeof *PRECOMPILES; i++) {
        struct buffer code = {0}, input = {0};
        char text[256];
        snprintf(text, sizeof text, COPY_INPUT COUNT_KEPT IF_DEEP PRECOMPILED CALL_ITSELF,
                 PRECOMPILES[i].number);
        decode(&code, text);
        decode(&input, PRECOMPILES[i].begin);
        cr_assert_leq(input.size, PRECOMPILES[i].size);
        size_t zeros = PRECOMPILES[i].size - input.size;
        memset(buffer_extend(&input, zeros), 0, zeros);
        struct errand errand = go_deep(&reader, &code, VM_CALL, buffer_view(&input));
        cr_expect_eq(errand.result.status, VM_SUCCESS);
        cr_expect_eq(transient(errand.state, 0), CALL_DEPTH_MAX + 1);
        /* Counts 1,021 to 1,024: the deepest message, 1,025, may call nothing any more. */
        cr_expect_eq(transient(errand.state, 1), 4, "precompile %#x: %lu", PRECOMPILES[i].number,
                     (unsigned long)transient(errand.state, 1));
        buffer_cleanup(&input);
        come_back(&errand, &code);
    }
    memory_state_free(memory);
}
