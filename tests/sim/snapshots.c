#include "node/sync/exchange.h"
#include "tests/sim/chain_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/store/folder.h"

static void fail(const char *what, const char *why)
{
    printf("BROKEN: %s: %s\n", what, why);
    fflush(stdout);
    _Exit(1);
}

/* ---- Joining --------------------------------------------------------------------------------- */

void chains_space_checkpoints(struct chains *chains, unsigned blocks)
{
    chains->checkpoint_every = blocks;
}

void chains_start_seals(const struct chains *chains, struct seal_chain *seals)
{
    const hash256 id = header_hash(&chains->block_0, chains->genesis.fork);
    const struct epoch_record first = genesis_epoch_record(&chains->genesis, &id);
    seal_chain_init(seals, chains->chain_id, &id, chains->genesis.fork, &first);
}

struct snapshot_ground chains_ground(const struct chains *chains, struct bytes links)
{
    return (struct snapshot_ground){.genesis_document = buffer_view(&chains->document),
                                    .block_0 = &chains->block_0,
                                    .links = links};
}

struct snapshot_import *chains_import(struct chains *chains, unsigned box,
                                      const struct snapshot_ground *ground, struct bytes manifest)
{
    struct error error;
    char directory[96];
    chains_directory(chains, box, "", directory);
    struct snapshot_import *import = snapshot_import_open(directory, ground, manifest, &error);
    if (import == NULL)
        fail("a snapshot that members agree on is refused", error.text);
    return import;
}

void chain_check(struct chain *chain)
{
    struct buffer report = {0};
    struct error error;
    if (!ledger_check(chain->ledger, chain->chains->vm, &report, &error)) {
        buffer_append_u8(&report, 0);
        fail("a store that came of a snapshot", (const char *)report.data);
    }
    buffer_cleanup(&report);
}

static void move_store(struct chains *chains, unsigned box, const char *from, const char *to)
{
    char source[96], target[96];
    chains_directory(chains, box, from, source);
    chains_directory(chains, box, to, target);
    if (rename(source, target) != 0)
        fail("a store was not moved", source);
}

void chains_set_store_aside(struct chains *chains, unsigned box)
{
    move_store(chains, box, "", ".aside");
}

void chains_take_store_back(struct chains *chains, unsigned box)
{
    move_store(chains, box, ".aside", "");
}

void chains_drop_store_aside(struct chains *chains, unsigned box)
{
    struct error error;
    char directory[96];
    chains_directory(chains, box, ".aside", directory);
    if (!folder_remove(directory, &error))
        fail("a store was not removed", error.text);
}

/* ---- Serving ---------------------------------------------------------------------------------- */

static struct ledger_view *open_view(struct chain *chain)
{
    struct error error;
    struct ledger_view *view = ledger_view_open(chain->ledger, &error);
    if (view == NULL)
        fail("a view of a ledger", error.text);
    return view;
}

uint64_t chain_earliest(struct chain *chain)
{
    struct ledger_view *view = open_view(chain);
    const uint64_t earliest = view_earliest(view);
    ledger_view_close(view);
    return earliest;
}

void chain_fill_shelf(struct chain *chain)
{
    struct error error;
    struct ledger_view *view = open_view(chain);
    if (!snapshot_shelf_fill(chain->shelf, view, NULL, NULL, &error))
        fail("a checkpoint", error.text);
    ledger_view_close(view);
}

static void offer(const struct chain *chain, struct buffer *out)
{
    struct snapshot_offer offers[SHELF_SNAPSHOTS_MAX];
    const size_t count = snapshot_shelf_offers(chain->shelf, offers);
    struct sync_message answer = {.kind = SYNC_CHECKPOINTS};
    for (size_t i = 0; i < count; i++)
        answer.checkpoints.offers[answer.checkpoints.count++] =
            (struct checkpoint_offer){.height = offers[i].manifest->height,
                                      .block = offers[i].manifest->block_hash,
                                      .manifest = offers[i].hash,
                                      .manifest_size = (uint32_t)offers[i].encoded.size,
                                      .chunks = (uint32_t)offers[i].manifest->entries_count};
    sync_message_encode(&answer, out);
}

/* Empty where it is not on the shelf any more. */
static void hand_out_manifest(const struct chain *chain, const hash256 *wanted, struct buffer *out)
{
    struct snapshot_offer offers[SHELF_SNAPSHOTS_MAX];
    const size_t count = snapshot_shelf_offers(chain->shelf, offers);
    struct sync_message answer = {.kind = SYNC_MANIFEST, .chunk = {.manifest = *wanted}};
    for (size_t i = 0; i < count; i++)
        if (hash256_equal(&offers[i].hash, wanted))
            answer.chunk.content = offers[i].encoded;
    sync_message_encode(&answer, out);
}

static void hand_out_chunk(struct chain *chain, const struct chunk_request *wanted,
                           struct buffer *out)
{
    struct buffer content = {0};
    struct error error;
    struct ledger_view *view = open_view(chain);
    if (!snapshot_shelf_chunk(chain->shelf, view, &wanted->manifest, wanted->index, &content,
                              &error)
        && error.code != ERROR_NOT_FOUND)
        fail("a chunk", error.text);
    ledger_view_close(view);
    const struct sync_message answer = {
        .kind = SYNC_CHUNK, .chunk = {wanted->manifest, wanted->index, buffer_view(&content)}};
    sync_message_encode(&answer, out);
    buffer_cleanup(&content);
}

static void hand_out_span(struct chain *chain, const struct sync_message *request,
                          struct buffer *out)
{
    struct error error;
    struct ledger_view *view = open_view(chain);
    if (!exchange_answer(view, request, out, &error))
        fail("a range or a chain of seals could not be read", error.text);
    ledger_view_close(view);
}

void chain_answer(struct chain *chain, const struct sync_message *request, struct buffer *out)
{
    switch (request->kind) {
    case SYNC_GET_CHECKPOINTS: offer(chain, out); break;
    case SYNC_GET_MANIFEST: hand_out_manifest(chain, &request->get_chunk.manifest, out); break;
    case SYNC_GET_CHUNK: hand_out_chunk(chain, &request->get_chunk, out); break;
    default: hand_out_span(chain, request, out);
    }
}
