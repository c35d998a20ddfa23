/* Many threads make the first use of the curve context at once, then sign and recover: one
 * context comes into being, and every answer is right. */
#include "vm/crypto/keccak.h"
#include "vm/crypto/secret_key.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 8
#define ROUNDS  50

static pthread_barrier_t together;

static void *work(void *arg)
{
    const unsigned *number = arg;
    size_t wrong = 0;
    pthread_barrier_wait(&together);
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned seed[2] = {*number, round};
        hash256 digest = keccak256(seed, sizeof seed);
        struct secret_key key;
        signature sig;
        address signer;
        if (!secret_key_load(&key, digest.bytes))
            continue;
        address expected = secret_key_address(&key);
        secret_key_sign(&key, &digest, &sig);
        if (!signature_recover_address(&sig, &digest, &signer)
            || !address_equal(&signer, &expected))
            wrong++;
        secret_key_cleanup(&key);
    }
    return wrong == 0 ? NULL : arg;
}

int main(void)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];
    int failed = 0;
    pthread_barrier_init(&together, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0)
            abort();
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *outcome;
        pthread_join(threads[i], &outcome);
        failed |= outcome != NULL;
    }
    pthread_barrier_destroy(&together);
    printf("curve_context: %d threads, %d signatures each, %s\n", THREADS, ROUNDS,
           failed ? "some signer was wrong" : "every signer right");
    return failed;
}
