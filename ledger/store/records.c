#include "ledger/store/records.h"

#include <assert.h>
#include <inttypes.h>

#include "ledger/codec/rlp.h"
#include "vm/base/cursor.h"

/* ---- Versions and helpers ----------------------------------------------------------------- */

static bool damaged(const char *what, struct error *error)
{
    return error_set(error, ERROR_CORRUPT,
                     "store: the %s is damaged; move the store aside and restore a backup", what);
}

/* Version and content, which may be empty. */
static bool split(struct bytes value, uint8_t version_max, const char *what, struct bytes *content,
                  struct error *error)
{
    if (value.size == 0)
        return damaged(what, error);
    if (value.data[0] > version_max)
        return error_set(error, ERROR_VERSION,
                         "store: the %s has record version %u, expected %u: needs a newer lnode",
                         what, value.data[0], version_max);
    if (value.data[0] == 0)
        return damaged(what, error);
    *content = bytes_of(value.data + 1, value.size - 1);
    return true;
}

bool record_plain(struct bytes value, const char *what, struct bytes *content, struct error *error)
{
    return split(value, RECORD_VERSION, what, content, error);
}

void record_put_plain(struct store_batch *batch, struct bytes key, struct bytes content)
{
    struct buffer value = {0};
    buffer_append_u8(&value, RECORD_VERSION);
    buffer_append_bytes(&value, content);
    store_batch_put(batch, key, buffer_view(&value));
    buffer_cleanup(&value);
}

/* Reads one record into `value` and strips its version. */
static bool load(struct store_at at, struct store_key key, const char *what, struct buffer *value,
                 struct bytes *content, bool *found, struct error *error)
{
    if (!store_get(at.store, at.snapshot, key_view(&key), value, found, error))
        return error_prefix(error, "%s", what);
    return !*found || record_plain(buffer_view(value), what, content, error);
}

/* ---- Once per store ------------------------------------------------------------------------ */

void record_put_format(struct store_batch *batch)
{
    static const uint8_t format[2] = {STORE_FORMAT >> 8, STORE_FORMAT & 0xff};
    struct store_key key = key_of(KEY_FORMAT);
    store_batch_put(batch, key_view(&key), bytes_of(format, sizeof format));
}

bool record_load_format(struct store_at at, unsigned *format, struct error *error)
{
    struct store_key key = key_of(KEY_FORMAT);
    struct buffer value = {0};
    bool found = false;
    bool ok = store_get(at.store, at.snapshot, key_view(&key), &value, &found, error);
    if (ok && (!found || value.size != 2))
        ok = error_set(error, ERROR_CORRUPT,
                       "store: no format record: not a ledger's store, or damaged");
    *format = ok ? (unsigned)(value.data[0] << 8 | value.data[1]) : STORE_FORMAT;
    if (*format > STORE_FORMAT)
        ok = error_set(error, ERROR_VERSION, "store: format %u, expected %d: needs a newer lnode",
                       *format, STORE_FORMAT);
    else if (*format == 0)
        ok = damaged("format record", error);
    buffer_cleanup(&value);
    return ok;
}

void record_put_genesis(struct store_batch *batch, struct bytes document)
{
    struct store_key key = key_of(KEY_GENESIS);
    store_batch_put(batch, key_view(&key), document);
}

bool record_load_genesis(struct store_at at, struct buffer *document, struct error *error)
{
    struct store_key key = key_of(KEY_GENESIS);
    bool found;
    if (!store_get(at.store, at.snapshot, key_view(&key), document, &found, error))
        return error_prefix(error, "genesis document");
    return found || damaged("genesis document", error);
}

void record_put_epoch(struct store_batch *batch, const struct epoch_record *record)
{
    struct store_key key = key_numbered(KEY_EPOCH, record->epoch);
    struct buffer value = {0};
    epoch_record_encode(record, &value);
    store_batch_put(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

/* Does a record that could not be decoded come from a newer program? */
static bool is_newer_epoch(struct bytes value)
{
    struct rlp_reader in = rlp_reader_over(value);
    struct rlp_reader list = rlp_list(&in);
    const uint64_t version = rlp_u64(&list);
    rlp_u64(&list); /* epoch */
    rlp_u64(&list); /* protocol version */
    const uint64_t fork = rlp_u64(&list);
    return list.verdict == RLP_OK && (version > EPOCH_RECORD_VERSION || fork >= VM_FORK_COUNT);
}

bool record_load_epoch(struct store_at at, uint64_t epoch, struct epoch_record *record,
                       struct arena *arena, struct error *error)
{
    struct store_key key = key_numbered(KEY_EPOCH, epoch);
    struct buffer value = {0};
    bool found;
    bool ok = store_get(at.store, at.snapshot, key_view(&key), &value, &found, error);
    if (ok && (!found || !epoch_record_decode(record, buffer_view(&value), arena)))
        ok = found && is_newer_epoch(buffer_view(&value))
                 ? error_set(error, ERROR_VERSION,
                             "store: the record of epoch %" PRIu64
                             " has a version or fork that is not in this version: needs a newer "
                             "lnode",
                             epoch)
                 : damaged("epoch record", error);
    buffer_cleanup(&value);
    return ok;
}

void record_put_link(struct store_batch *batch, uint64_t epoch, struct bytes link)
{
    struct store_key key = key_numbered(KEY_LINK, epoch);
    record_put_plain(batch, key_view(&key), link);
}

bool record_load_link(struct store_at at, uint64_t epoch, struct buffer *link, struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool found = false;
    bool ok =
        load(at, key_numbered(KEY_LINK, epoch), "link of seals", &value, &content, &found, error);
    if (ok && !found)
        ok = damaged("link of seals", error);
    if (ok)
        buffer_append_bytes(link, content);
    buffer_cleanup(&value);
    return ok || error_prefix(error, "epoch %" PRIu64, epoch);
}

/* ---- Head and checkpoints ------------------------------------------------------------------ */

static void put_reveals(const struct reveal_progress *reveals, unsigned members, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    for (unsigned i = 0; i < members; i++) {
        rlp_put_u64(out, reveals[i].used);
        rlp_put_hash(out, &reveals[i].last);
    }
    rlp_close_list(out, list);
}

static unsigned read_reveals(struct rlp_reader *in, struct reveal_progress *reveals)
{
    unsigned members = 0;
    struct rlp_reader list = rlp_list(in);
    while (rlp_has_more(&list) && members < COMMITTEE_SIZE_MAX) {
        struct reveal_progress *progress = &reveals[members++];
        progress->used = rlp_u64(&list);
        rlp_fixed(&list, progress->last.bytes, sizeof progress->last.bytes);
    }
    rlp_leave(in, &list);
    return members;
}

void record_put_head(struct store_batch *batch, const struct head_record *head)
{
    struct buffer value = {0};
    buffer_append_u8(&value, HEAD_RECORD_VERSION);
    size_t list = rlp_open_list(&value);
    rlp_put_u64(&value, head->height);
    rlp_put_hash(&value, &head->hash);
    rlp_put_u64(&value, head->view);
    rlp_put_u64(&value, head->tail_left);
    put_reveals(head->reveals, head->members, &value);
    rlp_put_u64(&value, head->epoch);
    rlp_close_list(&value, list);
    struct store_key key = key_of(KEY_HEAD);
    store_batch_put(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

static bool decode_head(uint8_t version, struct bytes content, struct head_record *head)
{
    struct rlp_reader in = rlp_reader_over(content);
    struct rlp_reader list = rlp_list(&in);
    head->height = rlp_u64(&list);
    rlp_fixed(&list, head->hash.bytes, sizeof head->hash.bytes);
    head->view = rlp_u64(&list);
    head->tail_left = rlp_u64(&list);
    head->members = read_reveals(&list, head->reveals);
    head->epoch = version == 1 ? 1 : rlp_u64(&list);
    rlp_leave(&in, &list);
    return rlp_finished(&in);
}

void record_put_checkpoint(struct store_batch *batch, uint64_t height,
                           const struct checkpoint_record *record)
{
    struct buffer value = {0};
    size_t list = rlp_open_list(&value);
    rlp_put_u64(&value, record->tail_left);
    put_reveals(record->reveals, record->members, &value);
    rlp_close_list(&value, list);
    struct store_key key = key_numbered(KEY_CHECKPOINT, height);
    record_put_plain(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

bool record_load_checkpoint(struct store_at at, uint64_t height, struct checkpoint_record *record,
                            bool *found, struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool ok = load(at, key_numbered(KEY_CHECKPOINT, height), "checkpoint", &value, &content, found,
                   error);
    if (ok && *found) {
        struct rlp_reader in = rlp_reader_over(content);
        struct rlp_reader list = rlp_list(&in);
        record->tail_left = rlp_u64(&list);
        record->members = read_reveals(&list, record->reveals);
        rlp_leave(&in, &list);
        ok = rlp_finished(&in) || damaged("checkpoint", error);
    }
    buffer_cleanup(&value);
    return ok || error_prefix(error, "block %" PRIu64, height);
}

void record_put_earliest(struct store_batch *batch, uint64_t height)
{
    struct buffer value = {0};
    buffer_append_u64_be(&value, height);
    struct store_key key = key_of(KEY_EARLIEST);
    record_put_plain(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

bool record_load_earliest(struct store_at at, uint64_t *height, struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool found = false;
    *height = 0;
    bool ok = load(at, key_of(KEY_EARLIEST), "earliest height", &value, &content, &found, error);
    if (ok && found) {
        struct cursor in = cursor_over(content.data, content.size);
        *height = cursor_u64_be(&in);
        ok = cursor_finished(&in) || damaged("earliest height", error);
    }
    buffer_cleanup(&value);
    return ok;
}

void record_put_promises(struct store_batch *batch, const struct promises *promises)
{
    struct buffer value = {0};
    buffer_append_u8(&value, (uint8_t)promises->state);
    buffer_append(&value, promises->log.bytes, sizeof promises->log.bytes);
    buffer_append_u8(&value, promises->is_old);
    buffer_append_u64_be(&value, promises->silent_until);
    struct store_key key = key_of(KEY_PROMISES);
    record_put_plain(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

static bool decode_promises(struct bytes content, struct promises *promises)
{
    struct cursor in = cursor_over(content.data, content.size);
    const uint8_t state = cursor_u8(&in);
    cursor_copy(&in, promises->log.bytes, sizeof promises->log.bytes);
    const uint8_t is_old = cursor_u8(&in);
    promises->silent_until = cursor_u64_be(&in);
    promises->state = (enum promises_state)state;
    promises->is_old = is_old == 1;
    return cursor_finished(&in) && state <= PROMISES_LOGGED && is_old <= 1;
}

bool record_load_promises(struct store_at at, struct promises *promises, struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool found = false;
    *promises = (struct promises){.state = PROMISES_LOST, .is_old = true};
    bool ok = load(at, key_of(KEY_PROMISES), "record of promises", &value, &content, &found, error);
    if (ok && found && !decode_promises(content, promises))
        ok = damaged("record of promises", error);
    buffer_cleanup(&value);
    return ok;
}

bool record_load_head(struct store_at at, struct head_record *head, struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool found = false;
    struct store_key key = key_of(KEY_HEAD);
    bool ok = store_get(at.store, at.snapshot, key_view(&key), &value, &found, error);
    if (ok && found)
        ok = split(buffer_view(&value), HEAD_RECORD_VERSION, "head record", &content, error);
    if (ok && (!found || !decode_head(value.data[0], content, head)))
        ok = damaged("head record", error);
    buffer_cleanup(&value);
    return ok;
}

/* ---- Headers ------------------------------------------------------------------------------- */

void record_put_header(struct store_batch *batch, enum vm_fork fork,
                       const struct header_record *record)
{
    struct buffer value = {0};
    size_t list = rlp_open_list(&value);
    rlp_put_hash(&value, &record->hash);
    supply_encode(&record->supply, &value);
    header_encode(&record->header, fork, &value);
    rlp_close_list(&value, list);
    struct store_key key = key_numbered(KEY_HEADER, record->header.number);
    record_put_plain(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

bool record_decode_header(struct bytes value, enum vm_fork fork, uint64_t height,
                          struct header_record *record, struct error *error)
{
    struct bytes content;
    if (!record_plain(value, "header", &content, error))
        return error_prefix(error, "block %" PRIu64, height);
    struct rlp_reader in = rlp_reader_over(content);
    struct rlp_reader list = rlp_list(&in);
    rlp_fixed(&list, record->hash.bytes, sizeof record->hash.bytes);
    record->supply = supply_read(&list);
    header_decode(&record->header, fork, &list);
    rlp_leave(&in, &list);
    if (rlp_finished(&in) && record->header.number == height)
        return true;
    damaged("header", error);
    return error_prefix(error, "block %" PRIu64, height);
}

bool record_load_header(struct store_at at, enum vm_fork fork, uint64_t height,
                        struct header_record *record, bool *found, struct error *error)
{
    struct store_key key = key_numbered(KEY_HEADER, height);
    struct buffer value = {0};
    bool ok = store_get(at.store, at.snapshot, key_view(&key), &value, found, error);
    if (ok && *found)
        ok = record_decode_header(buffer_view(&value), fork, height, record, error);
    buffer_cleanup(&value);
    return ok;
}

/* ---- Blocks -------------------------------------------------------------------------------- */

/* The container's parts but the header: [transactions, ommers, withdrawals, extras]. */
static void put_body(struct store_batch *batch, uint64_t height, struct bytes container)
{
    struct rlp_reader in = rlp_reader_over(container);
    struct rlp_reader list = rlp_list(&in);
    rlp_item(&list); /* version */
    struct rlp_reader parts = rlp_list(&list);
    rlp_item(&parts); /* header */
    struct buffer body = {0};
    size_t open = rlp_open_list(&body);
    buffer_append_bytes(&body, rlp_item(&parts));
    buffer_append_bytes(&body, rlp_item(&parts));
    buffer_append_bytes(&body, rlp_item(&parts));
    buffer_append_bytes(&body, rlp_item(&list));
    rlp_close_list(&body, open);
    assert(list.verdict == RLP_OK);
    assert(parts.verdict == RLP_OK);
    struct store_key key = key_numbered(KEY_BODY, height);
    record_put_plain(batch, key_view(&key), buffer_view(&body));
    buffer_cleanup(&body);
}

static void put_transaction_places(struct store_batch *batch, const struct block *block)
{
    struct buffer value = {0};
    for (size_t i = 0; i < block->transactions_count; i++) {
        buffer_clear(&value);
        buffer_append_u8(&value, RECORD_VERSION);
        buffer_append_u64_be(&value, block->header.number);
        buffer_append_u32_be(&value, (uint32_t)i);
        struct store_key key = key_hashed(KEY_TRANSACTION, &block->transactions[i].hash);
        store_batch_put(batch, key_view(&key), buffer_view(&value));
    }
    buffer_cleanup(&value);
}

void record_put_height(struct store_batch *batch, const hash256 *block, uint64_t height)
{
    struct buffer value = {0};
    buffer_append_u64_be(&value, height);
    struct store_key key = key_hashed(KEY_BLOCK_HASH, block);
    record_put_plain(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

void record_put_block(struct store_batch *batch, const struct block *block, struct bytes container)
{
    const uint64_t height = block->header.number;
    put_body(batch, height, container);
    put_transaction_places(batch, block);

    struct buffer value = {0};
    for (size_t i = 0; i < block->transactions_count; i++)
        buffer_append(&value, block->transactions[i].sender.bytes, sizeof(address));
    struct store_key key = key_numbered(KEY_SENDERS, height);
    if (block->transactions_count > 0)
        record_put_plain(batch, key_view(&key), buffer_view(&value));

    record_put_height(batch, &block->hash, height);
    buffer_cleanup(&value);
}

/* [version, [header, transactions, ommers, withdrawals], extras] from header and body. */
static bool join_container(struct bytes header_value, struct bytes body, struct buffer *out)
{
    struct rlp_reader header_in = rlp_reader_over(header_value);
    struct rlp_reader header_list = rlp_list(&header_in);
    rlp_item(&header_list);
    rlp_item(&header_list);
    struct bytes header = rlp_item(&header_list);
    struct rlp_reader body_in = rlp_reader_over(body);
    struct rlp_reader body_list = rlp_list(&body_in);

    size_t container = rlp_open_list(out);
    rlp_put_u64(out, BLOCK_CONTAINER_VERSION);
    size_t block = rlp_open_list(out);
    buffer_append_bytes(out, header);
    for (int i = 0; i < 3; i++)
        buffer_append_bytes(out, rlp_item(&body_list));
    rlp_close_list(out, block);
    buffer_append_bytes(out, rlp_item(&body_list));
    rlp_close_list(out, container);
    rlp_leave(&body_in, &body_list);
    return header_list.verdict == RLP_OK && rlp_finished(&body_in);
}

bool record_load_container(struct store_at at, uint64_t height, struct buffer *container,
                           bool *found, struct error *error)
{
    struct buffer header = {0}, body = {0};
    struct bytes header_content = {0}, body_content = {0};
    bool ok = load(at, key_numbered(KEY_HEADER, height), "header", &header, &header_content, found,
                   error);
    if (ok && *found) {
        bool has_body = false;
        ok = load(at, key_numbered(KEY_BODY, height), "block body", &body, &body_content, &has_body,
                  error);
        if (ok && (!has_body || !join_container(header_content, body_content, container)))
            ok = damaged("block body", error);
    }
    buffer_cleanup(&header);
    buffer_cleanup(&body);
    return ok || error_prefix(error, "block %" PRIu64, height);
}

bool record_load_senders(struct store_at at, uint64_t height, size_t count, address **senders,
                         struct arena *arena, struct error *error)
{
    *senders = arena_array(arena, count, sizeof **senders);
    if (count == 0)
        return true;
    struct buffer value = {0};
    struct bytes content = {0};
    bool found = false;
    bool ok = load(at, key_numbered(KEY_SENDERS, height), "list of senders", &value, &content,
                   &found, error);
    if (ok && (!found || content.size != count * sizeof **senders))
        ok = damaged("list of senders", error);
    if (ok)
        memcpy(*senders, content.data, content.size);
    buffer_cleanup(&value);
    return ok || error_prefix(error, "block %" PRIu64, height);
}

/* Copies the transaction at `index` of a body into the arena and decodes it. */
static bool read_transaction(struct bytes body, uint64_t index, struct transaction *tx,
                             struct arena *arena, bool *found)
{
    struct rlp_reader in = rlp_reader_over(body);
    struct rlp_reader parts = rlp_list(&in);
    struct rlp_reader list = rlp_list(&parts);
    for (uint64_t i = 0; i < index && rlp_has_more(&list); i++)
        rlp_item(&list);
    *found = rlp_has_more(&list);
    struct bytes encoded = *found ? block_take_transaction(&list) : bytes_of(NULL, 0);
    if (list.verdict != RLP_OK)
        return false;
    return !*found
           || transaction_decode(tx, arena_copy(arena, encoded), arena, NULL) == TRANSACTION_OK;
}

static bool load_sender(struct store_at at, uint64_t height, uint64_t index, address *sender,
                        struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool found = false;
    bool ok = load(at, key_numbered(KEY_SENDERS, height), "list of senders", &value, &content,
                   &found, error);
    if (ok && (!found || index >= content.size / sizeof *sender))
        ok = damaged("list of senders", error);
    if (ok)
        memcpy(sender, content.data + index * sizeof *sender, sizeof *sender);
    buffer_cleanup(&value);
    return ok;
}

bool record_load_transaction(struct store_at at, uint64_t height, uint64_t index,
                             struct transaction *tx, struct arena *arena, bool *found,
                             struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool ok =
        load(at, key_numbered(KEY_BODY, height), "block body", &value, &content, found, error);
    if (ok && *found && !read_transaction(content, index, tx, arena, found))
        ok = damaged("block body", error);
    buffer_cleanup(&value);
    if (ok && *found)
        ok = load_sender(at, height, index, &tx->sender, error);
    return ok || error_prefix(error, "block %" PRIu64, height);
}

bool record_load_height(struct store_at at, const hash256 *block, uint64_t *height, bool *found,
                        struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool ok =
        load(at, key_hashed(KEY_BLOCK_HASH, block), "block index", &value, &content, found, error);
    if (ok && *found) {
        struct cursor in = cursor_over(content.data, content.size);
        *height = cursor_u64_be(&in);
        ok = cursor_finished(&in) || damaged("block index", error);
    }
    buffer_cleanup(&value);
    return ok;
}

bool record_load_place(struct store_at at, const hash256 *transaction,
                       struct transaction_place *place, bool *found, struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool ok = load(at, key_hashed(KEY_TRANSACTION, transaction), "transaction index", &value,
                   &content, found, error);
    if (ok && *found) {
        struct cursor in = cursor_over(content.data, content.size);
        place->height = cursor_u64_be(&in);
        place->index = cursor_u32_be(&in);
        ok = cursor_finished(&in) || damaged("transaction index", error);
    }
    buffer_cleanup(&value);
    return ok;
}

/* ---- Receipts ------------------------------------------------------------------------------ */

/* [[type, success, gas used by it, logs], ...]; blooms and sums are computed again. */
void record_put_receipts(struct store_batch *batch, uint64_t height, const struct receipt *receipts,
                         size_t count)
{
    if (count == 0)
        return;
    struct buffer value = {0};
    uint64_t gas_before = 0;
    size_t list = rlp_open_list(&value);
    for (size_t i = 0; i < count; i++) {
        const struct receipt *receipt = &receipts[i];
        size_t fields = rlp_open_list(&value);
        rlp_put_u64(&value, receipt->type);
        rlp_put_u64(&value, receipt->is_success);
        rlp_put_u64(&value, receipt->cumulative_gas_used - gas_before);
        logs_encode(receipt->logs, receipt->logs_count, &value);
        rlp_close_list(&value, fields);
        gas_before = receipt->cumulative_gas_used;
    }
    rlp_close_list(&value, list);
    struct store_key key = key_numbered(KEY_RECEIPTS, height);
    record_put_plain(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

static size_t count_items(struct rlp_reader list)
{
    size_t count = 0;
    while (rlp_has_more(&list)) {
        rlp_item(&list);
        count++;
    }
    return count;
}

static void read_log(struct rlp_reader *in, struct log *log, struct arena *arena)
{
    struct rlp_reader list = rlp_list(in);
    rlp_fixed(&list, log->account.bytes, sizeof log->account.bytes);
    struct rlp_reader topics = rlp_list(&list);
    while (rlp_has_more(&topics) && log->topics_count < LOG_TOPICS_MAX) {
        hash256 *topic = &log->topics[log->topics_count++];
        rlp_fixed(&topics, topic->bytes, sizeof topic->bytes);
    }
    rlp_leave(&list, &topics);
    log->data = arena_copy(arena, rlp_string(&list));
    rlp_leave(in, &list);
}

static void read_receipt(struct rlp_reader *in, struct receipt *receipt, uint64_t gas_before,
                         struct arena *arena)
{
    struct rlp_reader fields = rlp_list(in);
    receipt->type = (enum transaction_type)rlp_u64(&fields);
    receipt->is_success = rlp_u64(&fields) != 0;
    receipt->cumulative_gas_used = gas_before + rlp_u64(&fields);
    struct rlp_reader logs = rlp_list(&fields);
    receipt->logs_count = count_items(logs);
    receipt->logs = arena_array(arena, receipt->logs_count, sizeof *receipt->logs);
    for (size_t i = 0; i < receipt->logs_count; i++)
        read_log(&logs, &receipt->logs[i], arena);
    rlp_leave(&fields, &logs);
    rlp_leave(in, &fields);
    if (receipt->logs_count > 0)
        receipt_compute_bloom(receipt);
}

static bool decode_receipts(struct bytes content, struct receipt **receipts, size_t *count,
                            struct arena *arena)
{
    struct rlp_reader in = rlp_reader_over(content);
    struct rlp_reader list = rlp_list(&in);
    *count = count_items(list);
    *receipts = arena_array(arena, *count, sizeof **receipts);
    uint64_t gas = 0;
    for (size_t i = 0; i < *count; i++) {
        read_receipt(&list, &(*receipts)[i], gas, arena);
        gas = (*receipts)[i].cumulative_gas_used;
    }
    rlp_leave(&in, &list);
    return rlp_finished(&in);
}

bool record_load_receipts(struct store_at at, uint64_t height, struct receipt **receipts,
                          size_t *count, struct arena *arena, bool *found, struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    *count = 0;
    *receipts = NULL;
    bool ok =
        load(at, key_numbered(KEY_RECEIPTS, height), "receipts", &value, &content, found, error);
    if (ok && *found && !decode_receipts(content, receipts, count, arena))
        ok = damaged("list of receipts", error);
    buffer_cleanup(&value);
    return ok || error_prefix(error, "block %" PRIu64, height);
}

/* Passes over the receipts before `index`, counting their gas and logs. */
static bool read_one_receipt(struct bytes content, uint64_t index, struct receipt *receipt,
                             uint64_t *gas_before, uint64_t *logs_before, struct arena *arena,
                             bool *found)
{
    struct rlp_reader in = rlp_reader_over(content);
    struct rlp_reader list = rlp_list(&in);
    *gas_before = *logs_before = 0;
    for (uint64_t i = 0; i < index && rlp_has_more(&list); i++) {
        struct rlp_reader fields = rlp_list(&list);
        rlp_item(&fields);
        rlp_item(&fields);
        *gas_before += rlp_u64(&fields);
        struct rlp_reader logs = rlp_list(&fields);
        *logs_before += count_items(logs);
        if (fields.verdict != RLP_OK)
            return false;
    }
    *found = rlp_has_more(&list);
    *receipt = (struct receipt){0};
    if (*found)
        read_receipt(&list, receipt, *gas_before, arena);
    return list.verdict == RLP_OK;
}

bool record_load_receipt(struct store_at at, uint64_t height, uint64_t index,
                         struct receipt *receipt, uint64_t *gas_before, uint64_t *logs_before,
                         struct arena *arena, bool *found, struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool ok =
        load(at, key_numbered(KEY_RECEIPTS, height), "receipts", &value, &content, found, error);
    if (ok && *found
        && !read_one_receipt(content, index, receipt, gas_before, logs_before, arena, found))
        ok = damaged("list of receipts", error);
    buffer_cleanup(&value);
    return ok || error_prefix(error, "block %" PRIu64, height);
}

/* ---- Certificates -------------------------------------------------------------------------- */

void record_put_finalization(struct store_batch *batch, uint64_t height,
                             const struct certificate *finalization)
{
    struct buffer value = {0};
    struct store_key key = key_numbered(KEY_CERTIFICATE, height);
    buffer_append_u8(&value, CERTIFICATE_RECORD_VERSION);
    certificate_encode(finalization, &value);
    store_batch_put(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

/* Version 1 was RLP [NOTARIZATION, FINALIZATION]. */
static bool decode_finalization(uint8_t version, struct bytes content,
                                struct certificate *finalization, struct arena *arena)
{
    if (version == 1) {
        struct rlp_reader in = rlp_reader_over(content);
        struct rlp_reader list = rlp_list(&in);
        rlp_string(&list);
        content = rlp_string(&list);
        rlp_leave(&in, &list);
        if (!rlp_finished(&in))
            return false;
    }
    return certificate_decode(finalization, content, arena);
}

bool record_load_finalization(struct store_at at, uint64_t height, struct certificate *finalization,
                              struct arena *arena, bool *found, struct error *error)
{
    struct buffer value = {0};
    struct store_key key = key_numbered(KEY_CERTIFICATE, height);
    bool ok = store_get(at.store, at.snapshot, key_view(&key), &value, found, error);
    if (ok && *found) {
        struct bytes content;
        ok = split(buffer_view(&value), CERTIFICATE_RECORD_VERSION, "certificate", &content, error);
        if (ok && !decode_finalization(value.data[0], content, finalization, arena))
            ok = damaged("certificate", error);
    }
    buffer_cleanup(&value);
    return ok || error_prefix(error, "block %" PRIu64, height);
}

/* ---- State --------------------------------------------------------------------------------- */

static void put_unless(const hash256 *hash, const hash256 *usual, struct buffer *out)
{
    rlp_put_string(out, hash256_equal(hash, usual) ? (struct bytes){0}
                                                   : bytes_of(hash->bytes, sizeof hash->bytes));
}

/* version, [nonce, balance, storage root or "" if empty, code hash or "" if no code] */
void record_encode_account(const struct account *account, bool exists, struct buffer *out)
{
    buffer_append_u8(out, RECORD_VERSION);
    if (!exists)
        return;
    size_t list = rlp_open_list(out);
    rlp_put_u64(out, account->nonce);
    rlp_put_u256(out, &account->balance);
    put_unless(&account->storage_root, &EMPTY_TRIE_ROOT, out);
    put_unless(&account->code_hash, &EMPTY_CODE_HASH, out);
    rlp_close_list(out, list);
}

static hash256 read_or(struct rlp_reader *in, const hash256 *usual)
{
    struct bytes hash = rlp_string(in);
    hash256 out = *usual;
    if (hash.size == sizeof out.bytes)
        memcpy(out.bytes, hash.data, hash.size);
    else if (hash.size != 0)
        rlp_fail(in, RLP_WRONG_SIZE);
    return out;
}

bool record_decode_account(struct bytes value, struct account *account, bool *exists,
                           struct error *error)
{
    struct bytes content = {0};
    *account = EMPTY_ACCOUNT;
    *exists = false;
    if (!record_plain(value, "account", &content, error))
        return false;
    if (content.size == 0)
        return true;
    struct rlp_reader in = rlp_reader_over(content);
    struct rlp_reader list = rlp_list(&in);
    account->nonce = rlp_u64(&list);
    account->balance = rlp_u256(&list);
    account->storage_root = read_or(&list, &EMPTY_TRIE_ROOT);
    account->code_hash = read_or(&list, &EMPTY_CODE_HASH);
    rlp_leave(&in, &list);
    *exists = true;
    return rlp_finished(&in) || damaged("account", error);
}

void record_encode_slot(const u256 *slot, struct buffer *out)
{
    uint8_t bytes[32];
    const size_t size = u256_byte_length(slot);
    u256_store_be(bytes, slot);
    buffer_append_u8(out, RECORD_VERSION);
    buffer_append(out, bytes + sizeof bytes - size, size);
}

bool record_decode_slot(struct bytes value, u256 *slot, struct error *error)
{
    struct bytes content = {0};
    *slot = U256_ZERO;
    if (!record_plain(value, "storage slot", &content, error))
        return false;
    if (content.size > 32)
        return damaged("storage slot", error);
    *slot = u256_load_be(content.data, content.size);
    return true;
}
