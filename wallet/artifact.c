#include "wallet/artifact.h"

#include "vm/base/hex.h"
#include "wallet/files.h"

#include <ctype.h>

#define CODE_LOOK 16 /* bytes that tell code from other text */

/* Code in hex, with or without 0x and white space around. */
static bool parse_code(struct wallet *wallet, const char *text, size_t size, struct bytes *code,
                       struct error *error)
{
    struct buffer bytes = {0};
    while (size > 0 && isspace((unsigned char)text[size - 1]))
        size--;
    while (size > 0 && isspace((unsigned char)*text)) {
        text++;
        size--;
    }
    bool has_prefix = size >= 2 && text[0] == '0' && text[1] == 'x';
    const char *digits = has_prefix ? text + 2 : text;
    size -= has_prefix ? 2 : 0;
    if (memmem(digits, size, "__", 2) != NULL)
        return error_set(error, ERROR_INVALID,
                         "the code is not linked: it has places (__...) for a library's address; "
                         "link it with the compiler first");
    if (size % 2 != 0 || !hex_decode(buffer_extend(&bytes, size / 2), size / 2, digits)) {
        buffer_cleanup(&bytes);
        return error_set(error, ERROR_INVALID, "the code is not an even count of hex digits");
    }
    *code = arena_copy(&wallet->arena, buffer_view(&bytes));
    buffer_cleanup(&bytes);
    return true;
}

/* Where the tools keep the code: "bytecode" (Hardhat), "bytecode.object" (Foundry), "bin"
 * (solc --combined-json), "evm.bytecode.object" (solc, standard JSON). */
static const json_t *find_code(const json_t *contract)
{
    const json_t *code = json_object_get(contract, "bytecode");
    if (code == NULL)
        code = json_object_get(contract, "bin");
    if (code == NULL)
        code = json_object_get(json_object_get(contract, "evm"), "bytecode");
    return json_is_object(code) ? json_object_get(code, "object") : code;
}

static bool load_contract(struct wallet *wallet, const json_t *contract, struct artifact *artifact,
                          struct error *error)
{
    const json_t *list = json_is_array(contract) ? contract : json_object_get(contract, "abi");
    const json_t *code = find_code(contract);
    json_t *parsed = NULL; /* older solc writes the ABI as a text */
    if (json_is_string(list))
        list = parsed = json_loads(json_string_value(list), JSON_REJECT_DUPLICATES, NULL);
    artifact->has_abi = list != NULL;
    bool ok = list == NULL || abi_load(&artifact->abi, list, &wallet->arena, error);
    if (ok && json_is_string(code))
        ok = parse_code(wallet, json_string_value(code), json_string_length(code), &artifact->code,
                        error);
    json_decref(parsed);
    return ok;
}

static bool is_contract(const json_t *value)
{
    return json_object_get(value, "abi") != NULL || find_code(value) != NULL;
}

/* "File.sol:Name" and "Name" are asked for as "Name". */
static bool is_named(const char *key, const char *wanted)
{
    const char *colon = strrchr(key, ':');
    return strcmp(key, wanted) == 0 || (colon != NULL && strcmp(colon + 1, wanted) == 0);
}

/* Looks through {"name": contract} and {"file": {"name": contract}}. */
static void choose(const json_t *group, const char *wanted, const json_t **chosen, size_t *matches,
                   unsigned depth)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)group, key, value)
    {
        if (!is_contract(value)) {
            if (depth > 0)
                choose(value, wanted, chosen, matches, depth - 1);
        } else if (wanted == NULL || is_named(key, wanted)) {
            *chosen = value;
            (*matches)++;
        }
    }
}

static bool load_document(struct wallet *wallet, const json_t *root, const char *path,
                          struct artifact *artifact, struct error *error)
{
    const json_t *group = json_object_get(root, "contracts");
    const char *wanted = wallet->options.values[OPTION_CONTRACT];
    const json_t *chosen = NULL;
    size_t matches = 0;
    if (group == NULL)
        return load_contract(wallet, root, artifact, error);
    choose(group, wanted, &chosen, &matches, 1);
    if (matches == 0)
        return error_set(error, ERROR_NOT_FOUND, "%s holds no contract %s", path,
                         wanted != NULL ? wanted : "");
    if (matches > 1)
        return error_set(error, ERROR_INVALID,
                         "%s holds %zu contracts; choose with --contract NAME", path, matches);
    return load_contract(wallet, chosen, artifact, error);
}

/* What a file of bare code begins with; anything else is another kind of file. */
static bool begins_as_code(struct bytes text)
{
    for (size_t i = 0; i < text.size && i < CODE_LOOK; i++)
        if (!isxdigit(text.data[i]) && strchr("x_$. \r\n\t", text.data[i]) == NULL)
            return false;
    return true;
}

bool artifact_read(struct wallet *wallet, const char *path, struct artifact *artifact,
                   struct error *error)
{
    struct buffer text = {0};
    json_error_t reason;
    *artifact = (struct artifact){0};
    if (!files_read_named(path, ARTIFACT_SIZE_MAX, &text, error)) {
        buffer_cleanup(&text);
        return false;
    }
    size_t start = 0;
    while (start < text.size && isspace(text.data[start]))
        start++;
    bool ok;
    if (start < text.size && (text.data[start] == '{' || text.data[start] == '[')) {
        json_t *root = json_loadb((const char *)text.data, text.size, 0, &reason);
        ok = root != NULL ? load_document(wallet, root, path, artifact, error)
                          : error_set(error, ERROR_INVALID, "not JSON: line %d, column %d: %s",
                                      reason.line, reason.column, reason.text);
        json_decref(root);
    } else if (!begins_as_code(bytes_of(text.data + start, text.size - start))) {
        const char *dot = strrchr(path, '.');
        ok = error_set(error, ERROR_INVALID,
                       dot != NULL && strcmp(dot, ".sol") == 0
                           ? "that is source code: compile it first, with solc --combined-json "
                             "abi,bin, Hardhat or Foundry"
                           : "neither what solc, Hardhat or Foundry build (JSON) nor code in hex");
    } else {
        ok = parse_code(wallet, (const char *)text.data, text.size, &artifact->code, error);
    }
    buffer_cleanup(&text);
    return ok || error_prefix(error, "%s", path);
}

bool artifact_find(struct wallet *wallet, const char *text, struct artifact *artifact,
                   struct error *error)
{
    if (strncmp(text, "0x", 2) != 0)
        return artifact_read(wallet, text, artifact, error);
    *artifact = (struct artifact){0};
    return parse_code(wallet, text, strlen(text), &artifact->code, error);
}

bool artifact_read_abi(struct wallet *wallet, struct abi *abi, struct error *error)
{
    struct artifact artifact;
    const char *text = wallet->options.values[OPTION_ABI];
    *abi = (struct abi){0};
    if (text == NULL)
        return true;
    if (strchr(text, '(') != NULL) {
        abi->entries = arena_alloc(&wallet->arena, sizeof *abi->entries);
        abi->entries_count = 1;
        return abi_entry_parse(&abi->entries[0], text, &wallet->arena, error)
               || error_prefix(error, "--abi");
    }
    if (!artifact_read(wallet, text, &artifact, error))
        return false;
    if (!artifact.has_abi)
        return error_set(error, ERROR_INVALID, "--abi: %s holds no interface", text);
    *abi = artifact.abi;
    return true;
}
