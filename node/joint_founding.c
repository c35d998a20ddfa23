#include "node/joint_founding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/codec/rlp.h"
#include "node/net/endpoint.h"
#include "vm/base/hex.h"

#define PREFIX         ".joint-"
#define ENTRY_SIZE_MAX 1024
#define TERMS_SIZE_MAX (LABEL_MAX + 1 + GENESIS_SIZE_MAX)

/* ---- Folders ---------------------------------------------------------------------------------- */

static bool session_folder(const struct data_dir *dir, const struct joint_session *session,
                           char out[PATH_SIZE], struct error *error)
{
    char digits[2 * FOUNDING_SESSION_SIZE + 1] = {0};
    hex_encode(digits, session->bytes, sizeof session->bytes);
    return path_format(out, error, "%s/ledgers/" PREFIX "%s", dir->path, digits);
}

static bool organisation_folder(const struct data_dir *dir, const char *label, char out[PATH_SIZE],
                                struct error *error)
{
    return label_check(label, error) && path_format(out, error, "%s/ledgers/%s", dir->path, label);
}

/* Hands each folder of a session under way to `visit` until it fails. */
static bool visit_sessions(const struct data_dir *dir,
                           bool (*visit)(void *context, const char *path, struct error *error),
                           void *context, struct error *error)
{
    char path[PATH_SIZE];
    return path_format(path, error, "%s/ledgers", dir->path)
           && dir_visit(path, PREFIX, visit, context, error);
}

static bool put_file(const char *folder, const char *name, struct bytes content,
                     struct error *error)
{
    char path[PATH_SIZE];
    return path_format(path, error, "%s/%s", folder, name) && file_write(path, content, error);
}

static bool has_file(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    struct error error;
    return path_format(path, &error, "%s/%s", folder, name) && file_exists(path);
}

static bool get_file(const char *folder, const char *name, size_t size_max, struct buffer *out,
                     struct error *error)
{
    char path[PATH_SIZE];
    return path_format(path, error, "%s/%s", folder, name) && file_read(path, size_max, out, error);
}

/* ---- Offer ------------------------------------------------------------------------------------- */

/* "label\ndocument": what was offered for. */
static bool put_terms(const char *folder, const struct joint_terms *terms, struct error *error)
{
    struct buffer text = {0};
    buffer_append_format(&text, "%s\n", terms->label);
    buffer_append_bytes(&text, terms->document);
    const bool ok = put_file(folder, "terms", buffer_view(&text), error);
    buffer_cleanup(&text);
    return ok;
}

/* Sets *is_same. */
static bool compare_terms(const char *folder, const struct joint_terms *terms, bool *is_same,
                          struct error *error)
{
    struct buffer kept = {0};
    const size_t size = strlen(terms->label);
    const bool ok = get_file(folder, "terms", TERMS_SIZE_MAX, &kept, error);
    *is_same =
        ok && kept.size == size + 1 + terms->document.size
        && memcmp(kept.data, terms->label, size) == 0 && kept.data[size] == '\n'
        && bytes_equal(bytes_of(kept.data + size + 1, terms->document.size), terms->document);
    buffer_cleanup(&kept);
    return ok;
}

/* The entry is written last: with it, the offer is whole. */
static bool load_entry(const char *folder, struct committee_entry *entry, struct error *error)
{
    struct buffer encoded = {0};
    bool ok = get_file(folder, "entry", ENTRY_SIZE_MAX, &encoded, error);
    if (ok) {
        struct rlp_reader in = rlp_reader_over(buffer_view(&encoded));
        ok = (committee_entry_decode(entry, &in) && rlp_finished(&in))
             || error_set(error, ERROR_CORRUPT, "%s/entry is damaged; found anew", folder);
    }
    buffer_cleanup(&encoded);
    return ok;
}

static bool make_offer(const struct data_dir *dir, const char *folder,
                       const struct joint_terms *terms, const char *endpoint, uint64_t reveals,
                       struct committee_entry *entry, struct error *error)
{
    struct reveal_chain *chain = NULL;
    struct buffer encoded = {0};
    bool ok = dir_remove(folder, error) && founding_make_entry(dir, reveals, entry, &chain, error);
    if (ok) {
        snprintf(entry->endpoint, sizeof entry->endpoint, "%s", endpoint);
        committee_entry_encode(entry, &encoded);
        ok = dir_make(folder, error) && founding_put_reveals(folder, chain, error)
             && put_terms(folder, terms, error)
             && put_file(folder, "entry", buffer_view(&encoded), error);
    }
    reveal_chain_free(chain);
    buffer_cleanup(&encoded);
    return ok;
}

static bool count_one(void *context, const char *path, struct error *error)
{
    unsigned *count = context;
    (void)path, (void)error;
    ++*count;
    return true;
}

static bool age_of(const char *path, uint64_t now_s, uint64_t *age_s, struct error *error)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set_errno(error, "could not look at %s", path);
    const uint64_t changed_s = status.st_mtime > 0 ? (uint64_t)status.st_mtime : 0;
    *age_s = now_s > changed_s ? now_s - changed_s : 0;
    return true;
}

static bool remove_old_offer(void *context, const char *path, struct error *error)
{
    const uint64_t *now_s = context;
    uint64_t age_s;
    return has_file(path, "label")
           || (age_of(path, *now_s, &age_s, error)
               && (age_s < JOINT_OFFER_KEEP_S || dir_remove(path, error)));
}

static bool make_room(const struct data_dir *dir, uint64_t now_s, struct error *error)
{
    unsigned before = 0, after = 0;
    if (!visit_sessions(dir, count_one, &before, error))
        return false;
    if (before < JOINT_SESSIONS_MAX)
        return true;
    return visit_sessions(dir, remove_old_offer, &now_s, error)
           && visit_sessions(dir, count_one, &after, error)
           && (after < JOINT_SESSIONS_MAX
               || error_set(error, ERROR_BUSY,
                            "%d foundings with other nodes are under way here; complete one, or "
                            "wait",
                            JOINT_SESSIONS_MAX));
}

bool joint_is_under_way(const struct data_dir *dir, const struct joint_session *session)
{
    char folder[PATH_SIZE];
    struct error error;
    return session_folder(dir, session, folder, &error) && has_file(folder, "entry");
}

bool joint_offer(const struct data_dir *dir, const struct joint_session *session,
                 const struct joint_terms *terms, const char *endpoint, uint64_t reveals,
                 uint64_t now_s, struct committee_entry *entry, struct error *error)
{
    char folder[PATH_SIZE];
    struct endpoint parsed;
    bool is_same;
    if (!label_check(terms->label, error) || !endpoint_parse(&parsed, endpoint, error)
        || !session_folder(dir, session, folder, error))
        return false;
    if (!has_file(folder, "entry"))
        return make_room(dir, now_s, error)
               && make_offer(dir, folder, terms, endpoint, reveals, entry, error);
    if (!load_entry(folder, entry, error) || !compare_terms(folder, terms, &is_same, error))
        return false;
    if (!is_same)
        return error_set(error, ERROR_EXISTS,
                         "this founding was begun with other terms or another label; begin anew");
    return strcmp(entry->endpoint, endpoint) == 0
           || error_set(error, ERROR_EXISTS, "this founding was offered %s, not %s",
                        entry->endpoint, endpoint);
}

/* ---- Accept ------------------------------------------------------------------------------------ */

/* A document, what it founds, and what is signed for it. */
struct founded {
    struct bytes document;
    struct genesis genesis;
    uint64_t chain_id;
    hash256 block_0;
    struct arena arena;
};

static bool read_founded(struct founded *founded, struct bytes document, struct error *error)
{
    struct trie_changes nodes = {0};
    struct header header;
    *founded = (struct founded){.document = document};
    if (!genesis_parse(&founded->genesis, document, &founded->arena, error))
        return false;
    const hash256 hash = genesis_document_hash(document);
    struct state_changes state = genesis_state(&founded->genesis, &founded->arena);
    if (!genesis_header(&founded->genesis, &hash, &state, &founded->arena, &nodes, &header, error))
        return false;
    founded->chain_id = genesis_chain_id(&founded->genesis, &hash);
    founded->block_0 = header_hash(&header, founded->genesis.fork);
    return true;
}

static bool is_same_entry(const struct committee_entry *a, const struct committee_entry *b)
{
    const hash256 one = committee_hash(a, 1), other = committee_hash(b, 1);
    return hash256_equal(&one, &other);
}

/* Whoever put the document together may have changed what we offered. */
static bool check_own_entry(const struct founded *founded, const struct committee_entry *own,
                            struct error *error)
{
    for (unsigned i = 0; i < founded->genesis.committee_size; i++)
        if (is_same_entry(&founded->genesis.committee[i], own))
            return true;
    return error_set(error, ERROR_INVALID,
                     "the committee of the genesis document does not have the entry that this node "
                     "offered");
}

/* What must stay free until those that were accepted are completed. */
struct reserved {
    const char *own; /* the folder of the session that accepts now, or NULL */
    const char *label;
    uint64_t chain_id;
    const address *founder; /* whose others of that label were given up, or NULL */
};

static bool load_accepted(const char *folder, struct buffer *name, uint64_t *chain_id,
                          address *founder, struct error *error)
{
    struct buffer document = {0};
    struct arena arena = {0};
    struct genesis genesis;
    const bool ok = get_file(folder, "label", LABEL_MAX, name, error)
                    && get_file(folder, "genesis.json", GENESIS_SIZE_MAX, &document, error)
                    && genesis_parse(&genesis, buffer_view(&document), &arena, error);
    if (ok) {
        const hash256 hash = genesis_document_hash(buffer_view(&document));
        *chain_id = genesis_chain_id(&genesis, &hash);
        *founder = genesis.founder;
    }
    arena_cleanup(&arena);
    buffer_cleanup(&document);
    return ok;
}

/* It may have any label and chain id, so nothing is founded beside it. */
static bool cannot_read_accepted(const char *folder, struct error *error)
{
    return error_prefix(error,
                        "ledgers/%s, a founding with other nodes that this node accepted, cannot "
                        "be read; remove it if that founding is given up",
                        strrchr(folder, '/') + 1);
}

static bool check_reserved(void *context, const char *folder, struct error *error)
{
    const struct reserved *wanted = context;
    struct buffer name = {0};
    uint64_t chain_id = 0;
    address founder;
    if (!has_file(folder, "label") || (wanted->own != NULL && strcmp(folder, wanted->own) == 0))
        return true;
    bool ok = load_accepted(folder, &name, &chain_id, &founder, error)
              || cannot_read_accepted(folder, error);
    const bool is_same = ok && bytes_equal(buffer_view(&name), bytes_of_text(wanted->label));
    if (is_same && wanted->founder != NULL && address_equal(wanted->founder, &founder))
        ok = wanted->own == NULL || dir_remove(folder, error);
    else if (is_same)
        ok = error_set(error, ERROR_EXISTS,
                       "this node accepted to found %s with other nodes, which may happen at any "
                       "time; choose another label",
                       wanted->label);
    else if (ok && chain_id == wanted->chain_id)
        ok = error_set(error, ERROR_EXISTS,
                       "a founding with other nodes that this node accepted has chain id %" PRIu64
                       "; choose another one, or leave it out",
                       chain_id);
    buffer_cleanup(&name);
    return ok;
}

bool joint_check_free(const struct data_dir *dir, const char *label, uint64_t chain_id,
                      const address *founder, struct error *error)
{
    struct reserved wanted = {NULL, label, chain_id, founder};
    return visit_sessions(dir, check_reserved, &wanted, error);
}

static bool check_free(const struct data_dir *dir, const char *folder, const char *label,
                       const struct founded *founded, const uint64_t *taken, size_t taken_count,
                       struct error *error)
{
    struct reserved wanted = {folder, label, founded->chain_id, &founded->genesis.founder};
    char place[PATH_SIZE];
    if (!organisation_folder(dir, label, place, error))
        return false;
    if (file_exists(place))
        return error_set(error, ERROR_EXISTS,
                         "this node has an organisation %s; choose another label", label);
    for (size_t i = 0; i < taken_count; i++)
        if (taken[i] == founded->chain_id)
            return error_set(error, ERROR_EXISTS,
                             "another organisation on this node has chain id %" PRIu64
                             "; choose another one, or leave it out",
                             founded->chain_id);
    return visit_sessions(dir, check_reserved, &wanted, error);
}

/* Whoever put the document together may have changed what the operator was asked. */
static bool check_terms(const char *folder, const char *label, const struct founded *founded,
                        struct error *error)
{
    struct buffer document = {0};
    bool is_same;
    genesis_format_terms(&founded->genesis, &document);
    const struct joint_terms terms = {label, buffer_view(&document)};
    bool ok = compare_terms(folder, &terms, &is_same, error);
    if (ok && !is_same)
        ok = error_set(error, ERROR_INVALID,
                       "the genesis document or its label is not on the terms that this node made "
                       "its offer for");
    buffer_cleanup(&document);
    return ok;
}

/* Accepted before: only the same again. */
static bool check_same(const char *folder, const char *label, struct bytes document,
                       struct error *error)
{
    struct buffer accepted = {0}, name = {0};
    bool ok = get_file(folder, "genesis.json", GENESIS_SIZE_MAX, &accepted, error)
              && get_file(folder, "label", LABEL_MAX, &name, error);
    if (ok
        && (!bytes_equal(buffer_view(&accepted), document)
            || !bytes_equal(buffer_view(&name), bytes_of_text(label))))
        ok = error_set(error, ERROR_EXISTS,
                       "this founding accepted another genesis document or label before; begin "
                       "anew");
    buffer_cleanup(&accepted);
    buffer_cleanup(&name);
    return ok;
}

/* The label is written last: with it, the acceptance is whole. */
static bool put_accepted(const char *folder, const char *label, struct bytes document,
                         struct error *error)
{
    char store[PATH_SIZE];
    return path_format(store, error, "%s/store", folder) && dir_remove(store, error)
           && founding_put_ledger(folder, document, error)
           && put_file(folder, "label", bytes_of_text(label), error) && dir_sync(folder, error);
}

static bool accept(const struct data_dir *dir, const char *folder, const char *label,
                   struct founded *founded, const uint64_t *taken, size_t taken_count,
                   struct error *error)
{
    struct committee_entry own;
    if (!has_file(folder, "entry"))
        return error_set(error, ERROR_NOT_FOUND,
                         "this node offered nothing for this founding, or too long ago: begin "
                         "anew");
    if (!load_entry(folder, &own, error) || !check_terms(folder, label, founded, error)
        || !check_own_entry(founded, &own, error))
        return false;
    if (has_file(folder, "label"))
        return check_same(folder, label, founded->document, error);
    return check_free(dir, folder, label, founded, taken, taken_count, error)
           && put_accepted(folder, label, founded->document, error);
}

bool joint_accept(const struct data_dir *dir, const struct joint_session *session,
                  const char *label, struct bytes document, const uint64_t *taken,
                  size_t taken_count, signature *acceptance, struct error *error)
{
    char folder[PATH_SIZE];
    struct founded founded = {0};
    const bool ok = label_check(label, error) && session_folder(dir, session, folder, error)
                    && read_founded(&founded, document, error)
                    && accept(dir, folder, label, &founded, taken, taken_count, error);
    if (ok) {
        const hash256 digest =
            acceptance_digest(&founded.genesis, founded.chain_id, &founded.block_0);
        secret_key_sign(&dir->keys.consensus, &digest, acceptance);
    }
    arena_cleanup(&founded.arena);
    return ok;
}

/* ---- Complete ---------------------------------------------------------------------------------- */

/* Is this very organisation there? ERROR_EXISTS if another one is. */
static bool is_there(const char *place, const char *label, const struct founded *founded,
                     bool *is_complete, struct error *error)
{
    struct buffer text = {0};
    hash256 id;
    *is_complete = false;
    if (!file_exists(place))
        return true;
    bool ok = get_file(place, "id", 2 + 64 + 2, &text, error);
    *is_complete = ok && text.size >= 2 + 64
                   && hex_decode_fixed(id.bytes, sizeof id.bytes, (const char *)text.data, 2 + 64)
                   && hash256_equal(&id, &founded->block_0);
    buffer_cleanup(&text);
    if (ok && !*is_complete)
        ok = error_set(error, ERROR_EXISTS,
                       "this node has another organisation %s by now, so this one cannot have its "
                       "label",
                       label);
    return ok;
}

/* Of the founding, and nothing to an organisation. */
static bool drop_file(const char *folder, const char *name, struct error *error)
{
    char path[PATH_SIZE];
    return path_format(path, error, "%s/%s", folder, name)
           && (unlink(path) == 0 || errno == ENOENT
               || error_set_errno(error, "could not remove %s", path));
}

static bool publish(const struct data_dir *dir, const char *folder, const char *label,
                    const struct founded *founded, struct error *error)
{
    char place[PATH_SIZE], parent[PATH_SIZE];
    bool is_complete;
    if (!organisation_folder(dir, label, place, error)
        || !path_format(parent, error, "%s/ledgers", dir->path)
        || !is_there(place, label, founded, &is_complete, error))
        return false;
    if (is_complete) /* perhaps renamed by a process that was killed before it synced */
        return dir_sync(parent, error);
    if (!has_file(folder, "label"))
        return error_set(error, ERROR_NOT_FOUND,
                         "this node accepted nothing for this founding, or too long ago: begin "
                         "anew");
    if (!check_same(folder, label, founded->document, error))
        return false;
    if (rename(folder, place) != 0)
        return error_set_errno(error, "could not rename %s", folder);
    return dir_sync(parent, error) && drop_file(place, "label", error)
           && drop_file(place, "entry", error) && drop_file(place, "terms", error);
}

bool joint_complete(const struct data_dir *dir, const struct joint_session *session,
                    const char *label, struct bytes document, const signature *acceptances,
                    size_t count, struct error *error)
{
    char folder[PATH_SIZE];
    struct founded founded = {0};
    const bool ok = session_folder(dir, session, folder, error)
                    && read_founded(&founded, document, error)
                    && acceptance_check(&founded.genesis, founded.chain_id, &founded.block_0,
                                        acceptances, count, error)
                    && publish(dir, folder, label, &founded, error);
    arena_cleanup(&founded.arena);
    return ok;
}

/* ---- Clean up ---------------------------------------------------------------------------------- */

static bool remove_old(void *context, const char *path, struct error *error)
{
    const uint64_t *now_s = context;
    uint64_t age_s;
    return age_of(path, *now_s, &age_s, error) && (age_s < JOINT_KEEP_S || dir_remove(path, error));
}

bool joint_clean_up(const struct data_dir *dir, uint64_t now_s, struct error *error)
{
    return visit_sessions(dir, remove_old, &now_s, error);
}
