#include "node/organisation.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "vm/base/hex.h"

#define REVEALS_SIZE_MAX   (1024 * 1024)
#define ADDRESSES_SIZE_MAX 2048
#define ID_SIZE            66 /* "0x" and 64 digits */
#define NODE_KEY_DIGITS    68 /* "0x" and 66 */

bool label_check(const char *label, struct error *error)
{
    size_t size = strlen(label);
    bool is_good = size >= 1 && size <= LABEL_MAX && label[0] != '-';
    for (size_t i = 0; i < size && is_good; i++) {
        char c = label[i];
        is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    if (!is_good)
        return error_set(error, ERROR_INVALID,
                         "\"%.64s\" is no label: expected 1 to %d of a-z, 0-9 and -, not starting "
                         "with -",
                         label, LABEL_MAX);
    return true;
}

static bool read_document(struct organisation *org, struct error *error)
{
    char path[PATH_SIZE];
    struct buffer text = {0};
    bool ok = path_format(path, error, "%s/genesis.json", org->folder)
              && file_read(path, GENESIS_SIZE_MAX, &text, error);
    if (ok) {
        org->document = arena_copy(&org->arena, buffer_view(&text));
        ok = genesis_parse(&org->genesis, org->document, &org->arena, error)
             || error_prefix(error, "%s", path);
    }
    buffer_cleanup(&text);
    return ok;
}

static bool read_id(struct organisation *org, struct error *error)
{
    char path[PATH_SIZE];
    struct buffer text = {0};
    bool ok = path_format(path, error, "%s/id", org->folder)
              && file_read(path, ID_SIZE + 2, &text, error);
    if (ok
        && (text.size < ID_SIZE
            || !hex_decode_fixed(org->id.bytes, sizeof org->id.bytes, (const char *)text.data,
                                 ID_SIZE)))
        ok = error_set(error, ERROR_CORRUPT, "%s is damaged: expected 0x and 64 hex digits", path);
    buffer_cleanup(&text);
    return ok;
}

/* "0x" and 66 digits, a space, an endpoint. */
static bool take_address(struct organisation *org, char *line)
{
    struct endpoint parsed;
    struct error ignored;
    struct known_address *known = &org->addresses[org->addresses_count];
    const size_t size = strlen(line);
    if (size <= NODE_KEY_DIGITS + 1 || size - NODE_KEY_DIGITS - 1 >= ENDPOINT_SIZE
        || line[NODE_KEY_DIGITS] != ' ' || org->addresses_count == KNOWN_ADDRESSES_MAX
        || !hex_decode_fixed(known->who.key, sizeof known->who.key, line, NODE_KEY_DIGITS)
        || !endpoint_parse(&parsed, line + NODE_KEY_DIGITS + 1, &ignored))
        return false;
    memcpy(known->endpoint, line + NODE_KEY_DIGITS + 1, size - NODE_KEY_DIGITS);
    org->addresses_count++;
    return true;
}

/* There is none but in a folder that came by an invitation. */
static bool read_addresses(struct organisation *org, struct error *error)
{
    char path[PATH_SIZE], *next = NULL;
    struct buffer text = {0};
    if (!path_format(path, error, "%s/addresses", org->folder))
        return false;
    if (!file_exists(path))
        return true;
    bool ok = file_read(path, ADDRESSES_SIZE_MAX, &text, error);
    buffer_append_u8(&text, 0);
    for (char *line = ok ? strtok_r((char *)text.data, "\n", &next) : NULL; ok && line != NULL;
         line = strtok_r(NULL, "\n", &next))
        ok = take_address(org, line)
             || error_set(error, ERROR_CORRUPT,
                          "%s is damaged: expected a node key and an endpoint a line", path);
    buffer_cleanup(&text);
    return ok;
}

struct organisation *organisation_load(const struct data_dir *dir, const char *label,
                                       struct error *error)
{
    struct organisation *org = memory_new_zeroed(1, sizeof *org);

    if (label_check(label, error)
        && path_format(org->folder, error, "%s/ledgers/%s", dir->path, label)
        && read_document(org, error) && read_id(org, error) && read_addresses(org, error)) {
        hash256 hash = genesis_document_hash(org->document);
        memcpy(org->label, label, strlen(label) + 1);
        org->chain_id = genesis_chain_id(&org->genesis, &hash);
        return org;
    }
    organisation_free(org);
    return NULL;
}

void organisation_free(struct organisation *org)
{
    if (org == NULL)
        return;
    arena_cleanup(&org->arena);
    free(org);
}

unsigned organisation_own_index(const struct epoch_record *record,
                                const struct secret_key *consensus)
{
    const address own = secret_key_address(consensus);
    unsigned index = 0;
    while (index < record->committee_size
           && !address_equal(&record->committee[index].consensus, &own))
        index++;
    return index;
}

bool organisation_is_shared(const struct organisation *org)
{
    char path[PATH_SIZE];
    struct error ignored;
    return path_format(path, &ignored, "%s/shared", org->folder) && file_exists(path);
}

const char *organisation_endpoint_of(const struct organisation *org, const uint8_t node_key[33])
{
    for (unsigned i = 0; i < org->addresses_count; i++)
        if (memcmp(org->addresses[i].who.key, node_key, sizeof org->addresses[i].who.key) == 0)
            return org->addresses[i].endpoint;
    return NULL;
}

bool organisation_share(const struct organisation *org, struct error *error)
{
    char path[PATH_SIZE];
    return path_format(path, error, "%s/shared", org->folder)
           && (file_exists(path) || file_write(path, bytes_of(NULL, 0), error));
}

struct reveal_chain *organisation_reveals(const struct organisation *org,
                                          const struct committee_entry *own, struct error *error)
{
    char path[PATH_SIZE];
    struct buffer encoded = {0};
    struct reveal_chain *chain = NULL;

    if (!path_format(path, error, "%s/reveals", org->folder) || !file_check_private(path, error)
        || !file_read(path, REVEALS_SIZE_MAX, &encoded, error))
        goto done;
    chain = reveal_chain_decode(buffer_view(&encoded), error);
    if (chain == NULL) {
        error_prefix(error, "%s", path);
        goto done;
    }
    hash256 commitment = reveal_chain_commitment(chain);
    if (!hash256_equal(&commitment, &own->reveal_commitment)) {
        reveal_chain_free(chain);
        chain = NULL;
        error_set(error, ERROR_CORRUPT,
                  "%s does not end in the commitment of this node's committee entry; put the file "
                  "of this organisation back from a backup",
                  path);
    }
done:
    if (encoded.data != NULL)
        OPENSSL_cleanse(encoded.data, encoded.capacity);
    buffer_cleanup(&encoded);
    return chain;
}

static int compare_labels(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool organisation_labels(const struct data_dir *dir, struct arena *arena, char ***labels,
                         size_t *count, struct error *error)
{
    char path[PATH_SIZE];
    struct dirent *entry;
    size_t capacity = 0;

    *labels = NULL;
    *count = 0;
    if (!path_format(path, error, "%s/ledgers", dir->path))
        return false;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return error_set_errno(error, "could not read the folder %s", path);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (*count == capacity) {
            size_t grown = capacity == 0 ? 16 : capacity * 2;
            char **more = arena_array(arena, grown, sizeof *more);
            for (size_t i = 0; i < *count; i++)
                more[i] = (*labels)[i];
            *labels = more;
            capacity = grown;
        }
        (*labels)[(*count)++] = arena_text(arena, bytes_of_text(entry->d_name));
    }
    closedir(folder);
    if (*count > 0)
        qsort(*labels, *count, sizeof **labels, compare_labels);
    return true;
}
