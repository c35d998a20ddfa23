/* Many machines run many codes at once, more than the cache holds, so that entries are made,
 * found, replaced and freed under each other's eyes: every answer is right, and nothing is left
 * in the end. */
#include "vm/analysis_cache.h"
#include "vm/crypto/keccak.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 6
#define ROUNDS  60
#define CODES   100
#define SIZE    24000

static struct vm_code codes[CODES];
static pthread_barrier_t together;

/* JUMPDESTs, with the code's number in front, behind a PUSH2. */
static void make_codes(void)
{
    for (size_t number = 0; number < CODES; number++) {
        uint8_t *code = memory_new(SIZE);
        memset(code, VM_OP_JUMPDEST, SIZE);
        code[0] = VM_OP_PUSH2;
        code[1] = (uint8_t)(number >> 8);
        code[2] = (uint8_t)number;
        codes[number] = (struct vm_code){bytes_of(code, SIZE), keccak256(code, SIZE)};
    }
}

static bool is_right(const struct vm_analysis *analysis, size_t number)
{
    return hash256_equal(&analysis->code_hash, &codes[number].hash)
           && analysis->instructions[1].operand == number && vm_analysis_jump(analysis, 2) == NULL
           && vm_analysis_jump(analysis, 3) != NULL;
}

static void *work(void *arg)
{
    unsigned seed = *(const unsigned *)arg;
    struct analysis_reader reader;
    size_t wrong = 0;
    analysis_reader_init(&reader);
    pthread_barrier_wait(&together);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t first = (size_t)rand_r(&seed) % CODES, second = (size_t)rand_r(&seed) % CODES;
        analysis_reader_enter(&reader);
        struct vm_analysis *own_a, *own_b;
        const struct vm_analysis *a =
            analysis_cache_get(&reader, &codes[first], VM_FORK_CANCUN, 0, &own_a);
        const struct vm_analysis *b =
            analysis_cache_get(&reader, &codes[second], VM_FORK_CANCUN, 0, &own_b);
        wrong += !is_right(a, first); /* found before the second was asked for */
        wrong += !is_right(b, second);
        vm_analysis_free(own_a);
        vm_analysis_free(own_b);
        analysis_reader_leave(&reader);
    }
    analysis_reader_cleanup(&reader);
    return wrong == 0 ? NULL : arg;
}

int main(void)
{
    pthread_t threads[THREADS];
    unsigned seeds[THREADS];
    int failed = 0;
    make_codes();
    pthread_barrier_init(&together, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        seeds[i] = i + 1;
        if (pthread_create(&threads[i], NULL, work, &seeds[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *outcome;
        pthread_join(threads[i], &outcome);
        if (outcome != NULL) {
            fprintf(stderr, "threads_analysis_cache: thread %u: wrong analyses\n", i);
            failed = 1;
        }
    }
    analysis_cache_clear();
    if (analysis_cache_size_bytes() != 0) {
        fprintf(stderr, "threads_analysis_cache: %zu bytes left, expected none\n",
                analysis_cache_size_bytes());
        failed = 1;
    }
    for (size_t number = 0; number < CODES; number++)
        free((void *)codes[number].bytes.data);
    return failed;
}
