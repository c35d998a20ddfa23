#include "wallet/together.h"

#include "ledger/codec/rlp.h"
#include "vm/base/hex.h"
#include "wallet/chain.h"
#include "wallet/config.h"
#include "wallet/files.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FOLDER        "foundings"
#define FILE_SIZE_MAX (4u * 1024 * 1024)

const char *together_path(struct wallet *wallet, const char *label)
{
    return config_path(wallet, arena_format(&wallet->arena, FOLDER "/%s.json", label));
}

bool together_is_sealed(const struct together *together)
{
    for (size_t i = 0; i < together->nodes_count; i++)
        if (!together->nodes[i].has_acceptance)
            return false;
    return together->nodes_count > 0;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static bool read_fixed(const json_t *object, const char *key, uint8_t *out, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && hex_decode_fixed(out, size, text, strlen(text));
}

static bool read_text(struct wallet *wallet, const json_t *object, const char *key,
                      struct bytes *out)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        return false;
    *out =
        arena_copy(&wallet->arena, bytes_of(json_string_value(value), json_string_length(value)));
    return true;
}

static bool read_entry(const char *text, struct committee_entry *entry)
{
    struct buffer encoded = {0};
    bool ok = hex_decode_append(&encoded, text, strlen(text));
    if (ok) {
        struct rlp_reader in = rlp_reader_over(buffer_view(&encoded));
        ok = committee_entry_decode(entry, &in) && rlp_finished(&in);
    }
    buffer_cleanup(&encoded);
    return ok;
}

static bool read_node(struct wallet *wallet, const json_t *object, struct together_node *node)
{
    struct bytes url;
    const char *entry = json_string_value(json_object_get(object, "entry"));
    if (!read_text(wallet, object, "url", &url))
        return false;
    *node = (struct together_node){
        .url = arena_text(&wallet->arena, url),
        .has_entry = entry != NULL,
        .has_acceptance = json_object_get(object, "acceptance") != NULL,
        .is_founded = json_is_true(json_object_get(object, "founded")),
        .network = (uint32_t)json_integer_value(json_object_get(object, "network")),
    };
    return (entry == NULL || read_entry(entry, &node->entry))
           && (!node->has_acceptance
               || read_fixed(object, "acceptance", node->acceptance.bytes, SIGNATURE_SIZE));
}

static bool read_all(struct wallet *wallet, const json_t *root, struct together *together)
{
    const json_t *nodes = json_object_get(root, "nodes");
    together->nodes_count = json_array_size(nodes);
    bool ok = read_fixed(root, "session", together->session, sizeof together->session)
              && read_text(wallet, root, "terms", &together->terms)
              && (json_object_get(root, "document") == NULL
                  || read_text(wallet, root, "document", &together->document))
              && together->nodes_count > 0 && together->nodes_count <= OPTION_NODES_MAX;
    for (size_t i = 0; ok && i < together->nodes_count; i++)
        ok = read_node(wallet, json_array_get(nodes, i), &together->nodes[i]);
    return ok;
}

bool together_load(struct wallet *wallet, const char *label, struct together *together, bool *found,
                   struct error *error)
{
    const char *path = together_path(wallet, label);
    struct buffer text = {0};
    *together = (struct together){.label = label};
    *found = files_read(path, FILE_SIZE_MAX, &text, error);
    if (!*found) {
        buffer_cleanup(&text);
        return error->code == ERROR_NOT_FOUND;
    }
    json_t *root = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    buffer_cleanup(&text);
    const bool ok = read_all(wallet, root, together);
    json_decref(root);
    return ok
           || error_set(error, ERROR_CORRUPT,
                        "%s, which keeps a founding under way, is damaged; if no node has the "
                        "organisation yet, remove it",
                        path);
}

/* ---- Writing -------------------------------------------------------------------------------- */

static json_t *text_json(struct bytes text)
{
    return json_stringn((const char *)text.data, text.size);
}

static json_t *node_json(const struct together_node *node)
{
    json_t *object = json_pack("{s:s}", "url", node->url);
    struct buffer encoded = {0};
    if (node->has_entry) {
        committee_entry_encode(&node->entry, &encoded);
        json_object_set_new(object, "entry", chain_bytes(buffer_view(&encoded)));
        json_object_set_new(object, "network", json_integer(node->network));
    }
    if (node->has_acceptance)
        json_object_set_new(object, "acceptance",
                            chain_bytes(bytes_of(node->acceptance.bytes, SIGNATURE_SIZE)));
    if (node->is_founded)
        json_object_set_new(object, "founded", json_true());
    buffer_cleanup(&encoded);
    return object;
}

bool together_save(struct wallet *wallet, const struct together *together, struct error *error)
{
    json_t *root = json_object(), *nodes = json_array();
    json_object_set_new(root, "session",
                        chain_bytes(bytes_of(together->session, sizeof together->session)));
    json_object_set_new(root, "terms", text_json(together->terms));
    if (together->document.size > 0)
        json_object_set_new(root, "document", text_json(together->document));
    for (size_t i = 0; i < together->nodes_count; i++)
        json_array_append_new(nodes, node_json(&together->nodes[i]));
    json_object_set_new(root, "nodes", nodes);
    char *text = json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    const bool ok =
        files_make_dir(config_path(wallet, FOLDER), error)
        && files_write(together_path(wallet, together->label), bytes_of_text(text), true, error);
    free(text);
    return ok;
}

bool together_forget(struct wallet *wallet, const char *label, struct error *error)
{
    const char *path = together_path(wallet, label);
    return unlink(path) == 0 || errno == ENOENT
           || error_set_errno(error, "could not remove %s", path);
}
