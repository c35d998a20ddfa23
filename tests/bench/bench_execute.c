/* What executing plain transfers costs without network, disk and signatures: blocks of
 * transfers among 200 senders and as many receivers, through execution, the collecting of
 * changes and the state root.
 *
 *   bench_execute [BLOCKS [TRANSFERS_PER_BLOCK]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ledger/chain/execute.h"
#include "ledger/state/memory.h"

#define SENDERS 200

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static address account_at(uint64_t number)
{
    address at = {{0}};
    number *= 0x9e3779b97f4a7c15;
    memcpy(at.bytes, &number, sizeof number);
    memcpy(at.bytes + 12, &number, sizeof number);
    return at;
}

static void fund(struct memory_state *memory, struct error *error)
{
    struct arena arena = {0};
    struct state_reader reader = memory_state_reader(memory);
    struct state *state = state_new(&reader);
    u256 funds = {{0, 1, 0, 0}};
    for (uint64_t i = 0; i < 20 * SENDERS; i++) {
        address at = account_at(i);
        state_add_balance(state, &at, &funds);
    }
    struct state_changes changes = state_changes(state, &arena);
    if (!memory_state_apply(memory, &changes, error)) {
        fprintf(stderr, "bench_execute: %s\n", error->text);
        exit(1);
    }
    state_free(state);
    arena_cleanup(&arena);
}

struct times {
    double execute_us, changes_us, root_us;
};

static void run_block(struct memory_state *memory, struct vm *vm, uint64_t block,
                      uint64_t transfers, struct times *times, struct error *error)
{
    struct arena arena = {0};
    struct state_reader reader = memory_state_reader(memory);
    struct execution execution = {.vm = vm,
                                  .state = state_new(&reader),
                                  .arena = &arena,
                                  .environment = {.fork = VM_FORK_CANCUN,
                                                  .chain_id = 1,
                                                  .number = block,
                                                  .gas_limit = UINT64_MAX,
                                                  .beneficiary = {{0xcc}}}};
    struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                             .has_chain_id = true,
                             .chain_id = 1,
                             .gas_limit = 21000,
                             .value = {{1, 0, 0, 0}}};
    double start = now_us();
    for (uint64_t i = 0; i < transfers; i++) {
        struct receipt receipt;
        struct transaction_outcome outcome;
        tx.sender = account_at(i % SENDERS);
        tx.to = account_at(SENDERS + (i * 7919 + block) % (19 * SENDERS));
        tx.nonce = (block * transfers) / SENDERS + i / SENDERS;
        if (execute_transaction(&execution, &tx, &receipt, &outcome) != TRANSACTION_OK) {
            fprintf(stderr, "bench_execute: a transfer was refused\n");
            exit(1);
        }
    }
    double executed = now_us();
    struct state_changes changes = state_changes(execution.state, &arena);
    double collected = now_us();
    if (!memory_state_apply(memory, &changes, error)) {
        fprintf(stderr, "bench_execute: %s\n", error->text);
        exit(1);
    }
    times->execute_us += executed - start;
    times->changes_us += collected - executed;
    times->root_us += now_us() - collected;
    state_free(execution.state);
    arena_cleanup(&arena);
}

int main(int count, char **arguments)
{
    uint64_t blocks = count > 1 ? strtoull(arguments[1], NULL, 10) : 20;
    uint64_t transfers = count > 2 ? strtoull(arguments[2], NULL, 10) : 10000;
    struct memory_state *memory = memory_state_new();
    struct vm *vm = vm_new();
    struct times times = {0};
    struct error error = {0};
    if (blocks == 0 || transfers == 0 || transfers % SENDERS != 0) {
        fprintf(stderr, "usage: bench_execute [BLOCKS [TRANSFERS]], transfers a multiple of %d\n",
                SENDERS);
        return 2;
    }
    fund(memory, &error);
    for (uint64_t block = 0; block < blocks; block++)
        run_block(memory, vm, block, transfers, &times, &error);
    double all = (double)(blocks * transfers);
    printf("transfers: %" PRIu64 " blocks of %" PRIu64 ", %d senders, %d receivers\n", blocks,
           transfers, SENDERS, 19 * SENDERS);
    printf("execute:   %7.3f us per transfer\n", times.execute_us / all);
    printf("changes:   %7.3f us per transfer\n", times.changes_us / all);
    printf("root:      %7.3f us per transfer\n", times.root_us / all);
    printf("all:       %7.3f us per transfer\n",
           (times.execute_us + times.changes_us + times.root_us) / all);
    vm_free(vm);
    memory_state_free(memory);
    return 0;
}
