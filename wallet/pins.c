#include "wallet/pins.h"

#include "vm/base/hex.h"
#include "vm/base/u256.h"
#include "wallet/config.h"
#include "wallet/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PINS_FILE     "ledgers.json"
#define PINS_SIZE_MAX (1024u * 1024)

/* The whole file; an empty object if there is none; NULL with *error. */
static json_t *load(struct wallet *wallet, struct error *error)
{
    const char *path = config_path(wallet, PINS_FILE);
    struct buffer text = {0};
    json_t *pins = NULL;
    bool ok = files_read(path, PINS_SIZE_MAX, &text, error);
    if (ok)
        pins = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    else if (error->code == ERROR_NOT_FOUND)
        pins = json_object();
    if (ok && !json_is_object(pins)) {
        json_decref(pins);
        pins = NULL;
        error_set(error, ERROR_CORRUPT,
                  "%s is not a JSON object; remove it, and ledgers are met anew", path);
    }
    buffer_cleanup(&text);
    return pins;
}

static bool read_pin(const json_t *json, struct pin *pin)
{
    u256 height;
    const char *id = json_string_value(json_object_get(json, "id"));
    const char *text = json_string_value(json_object_get(json, "height"));
    if (id == NULL || text == NULL || !hex_decode_fixed(pin->id.bytes, 32, id, strlen(id))
        || !u256_parse_decimal(&height, text, strlen(text)) || !u256_fits_u64(&height))
        return false;
    pin->height = height.limbs[0];
    return true;
}

bool pins_get(struct wallet *wallet, const char *url, struct pin *pin, bool *found,
              struct error *error)
{
    json_t *pins = load(wallet, error);
    if (pins == NULL)
        return false;
    const json_t *json = json_object_get(pins, url);
    *found = json != NULL;
    bool ok = json == NULL || read_pin(json, pin)
              || error_set(error, ERROR_CORRUPT,
                           "%s: the entry of %s is damaged; expected an id and a height",
                           config_path(wallet, PINS_FILE), url);
    json_decref(pins);
    return ok;
}

bool pins_put(struct wallet *wallet, const char *url, const struct pin *pin, struct error *error)
{
    char id[67] = "0x";
    char height[24];
    struct pin before;
    json_t *pins = load(wallet, error);
    if (pins == NULL || !files_make_dir(wallet->config_dir, error)) {
        json_decref(pins);
        return false;
    }
    const bool is_higher = !read_pin(json_object_get(pins, url), &before)
                           || !hash256_equal(&before.id, &pin->id) || pin->height > before.height;
    hex_encode(id + 2, pin->id.bytes, 32);
    snprintf(height, sizeof height, "%" PRIu64, is_higher ? pin->height : before.height);
    json_object_set_new(pins, url, json_pack("{s:s, s:s}", "id", id, "height", height));
    char *text = json_dumps(pins, JSON_INDENT(2) | JSON_SORT_KEYS);
    bool ok = files_write(config_path(wallet, PINS_FILE), bytes_of_text(text), true, error);
    free(text);
    json_decref(pins);
    return ok;
}
