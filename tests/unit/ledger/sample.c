#include "tests/unit/ledger/sample.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/store/folder.h"

static struct secret_key key_of_number(unsigned number)
{
    struct secret_key key = {{0}};
    key.bytes[0] = 1;
    key.bytes[31] = (uint8_t)number;
    return key;
}

static void fail(const struct error *error)
{
    fprintf(stderr, "sample: %s\n", error->text);
    abort();
}

void sample_init(struct sample *sample)
{
    *sample = (struct sample){.now_ms = SAMPLE_TIME_MS};
    snprintf(sample->folder, sizeof sample->folder, "/tmp/leither-test-XXXXXX");
    if (mkdtemp(sample->folder) == NULL)
        abort();
    snprintf(sample->directory, sizeof sample->directory, "%s/acme", sample->folder);
    sample->consensus = key_of_number(200);
    for (unsigned i = 0; i < SAMPLE_ACCOUNTS; i++) {
        sample->keys[i] = key_of_number(i + 1);
        sample->accounts[i] = secret_key_address(&sample->keys[i]);
        sample->coins[i] = (struct genesis_coin){.to = sample->accounts[i], .reason = "for tests"};
        u256_parse_decimal(&sample->coins[i].amount_wei, "1000000000000000000000", 22);
    }
    struct secret_key payout = key_of_number(201);
    sample->member = (struct committee_entry){
        .consensus = secret_key_address(&sample->consensus),
        .node_key = {2, 7, 7, 7},
        .payout = secret_key_address(&payout),
        .weight = 1,
        .reveal_salt = {{9, 9, 9}},
    };
    sample->reveals =
        reveal_chain_new(&sample->consensus, &sample->member.reveal_salt, SAMPLE_REVEALS);
    sample->member.reveal_commitment = reveal_chain_commitment(sample->reveals);
    sample->genesis = genesis_defaults();
    snprintf(sample->genesis.name, sizeof sample->genesis.name, "Acme Works");
    snprintf(sample->genesis.symbol, sizeof sample->genesis.symbol, "ACM");
    sample->genesis.founder = sample->accounts[0];
    sample->genesis.created = SAMPLE_TIME_MS / 1000 - 10;
    sample->genesis.committee = &sample->member;
    sample->genesis.committee_size = 1;
    sample->genesis.coins = sample->coins;
    sample->genesis.coins_count = SAMPLE_ACCOUNTS;
    sample->vm = vm_new();
}

void sample_found(struct sample *sample)
{
    struct error error;
    genesis_format(&sample->genesis, &sample->document);
    if (!ledger_found(sample->directory, buffer_view(&sample->document), &error))
        fail(&error);
}

void sample_open(struct sample *sample)
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default(),
                                           .checkpoint_every = sample->checkpoint_every};
    sample->ledger = ledger_open(sample->directory, &options, &error);
    if (sample->ledger == NULL)
        fail(&error);
    sample->view = ledger_head(sample->ledger)->view;
}

void sample_close(struct sample *sample)
{
    ledger_close(sample->ledger);
    sample->ledger = NULL;
}

void sample_start(struct sample *sample)
{
    sample_init(sample);
    sample_found(sample);
    sample_open(sample);
}

void sample_cleanup(struct sample *sample)
{
    struct error error;
    sample_close(sample);
    reveal_chain_free(sample->reveals);
    buffer_cleanup(&sample->document);
    arena_cleanup(&sample->arena);
    vm_free(sample->vm);
    if (!folder_remove(sample->folder, &error))
        fail(&error);
}

struct transaction sample_sign(struct sample *sample, unsigned from, struct transaction tx)
{
    tx.has_chain_id = true;
    if (tx.chain_id == 0)
        tx.chain_id = ledger_chain_id(sample->ledger);
    transaction_sign(&tx, &sample->keys[from], &sample->arena);
    return tx;
}

struct transaction sample_transfer(struct sample *sample, unsigned from, const address *to,
                                   uint64_t value_wei)
{
    return sample_sign(sample, from,
                       (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                            .nonce = sample->nonces[from]++,
                                            .gas_limit = 21000,
                                            .to = *to,
                                            .value = u256_from_u64(value_wei)});
}

enum pool_verdict sample_submit(struct sample *sample, const struct transaction *tx)
{
    return ledger_submit(sample->ledger, tx, sample->now_ms, NULL);
}

struct build_request sample_request(struct sample *sample, const hash256 *parent)
{
    struct build_request request = {.parent = *parent,
                                    .view = ++sample->view,
                                    .now_ms = sample->now_ms += 1000,
                                    .beneficiary = sample->member.payout};
    struct reveal_progress progress;
    struct error error;
    if (!ledger_reveal_progress(sample->ledger, parent, 0, &progress))
        abort();
    if (!reveal_chain_at(sample->reveals, progress.used, &request.reveal, &error))
        fail(&error);
    return request;
}

hash256 sample_build(struct sample *sample)
{
    const struct build_request request = sample_request(sample, &ledger_head(sample->ledger)->hash);
    hash256 hash;
    struct error error;
    if (!ledger_build(sample->ledger, sample->vm, &request, &hash, &error))
        fail(&error);
    return hash;
}

struct certificate sample_certify(struct sample *sample, const hash256 *block)
{
    const struct signing_domain domain = ledger_signing_domain(sample->ledger);
    struct certificate certificate = {.kind = MESSAGE_FINALIZE,
                                      .epoch = 1,
                                      .view = sample->view,
                                      .parent_view = sample->view - 1,
                                      .block_hash = *block,
                                      .bitmap = {1},
                                      .signatures_count = 1};
    const hash256 proposal = proposal_digest(1, certificate.view, certificate.parent_view, block);
    const hash256 digest = vote_digest(&domain, certificate.kind, certificate.view, &proposal);
    certificate.signatures = arena_alloc(&sample->arena, sizeof *certificate.signatures);
    secret_key_sign(&sample->consensus, &digest, certificate.signatures);
    return certificate;
}

void sample_commit(struct sample *sample, const hash256 *block)
{
    const struct certificate finalization = sample_certify(sample, block);
    struct error error;
    if (!ledger_commit(sample->ledger, block, &finalization, &error))
        fail(&error);
}

uint64_t sample_block(struct sample *sample)
{
    const hash256 hash = sample_build(sample);
    sample_commit(sample, &hash);
    return ledger_head(sample->ledger)->number;
}

struct account sample_account_at(struct sample *sample, uint64_t height, const address *account)
{
    struct error error;
    struct state_reader reader;
    struct account out = {0};
    struct ledger_view *view = ledger_view_open(sample->ledger, &error);
    if (view == NULL || !view_state_at(view, height, &sample->arena, &reader, &error))
        fail(&error);
    reader.ops->account(reader.context, account, &out);
    if (reader.ops->failed(reader.context, &error))
        fail(&error);
    ledger_view_close(view);
    return out;
}
