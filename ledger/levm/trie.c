/* levm trie: lines of keys and values in, the root out. */
#include "ledger/trie/trie.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/levm/command.h"
#include "ledger/levm/files.h"
#include "ledger/levm/flags.h"
#include "ledger/levm/lines.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

struct input {
    bool is_secure;
    size_t line;
    struct arena arena;
    struct trie_pair *pairs;
    size_t count, capacity;
    size_t size; /* of all lines */
};

static bool read_hex(struct input *input, const char *text, struct bytes *out, struct error *error)
{
    struct buffer decoded = {0};
    bool ok = hex_decode_append(&decoded, text, strlen(text));
    if (ok)
        *out = arena_copy(&input->arena, buffer_view(&decoded));
    buffer_cleanup(&decoded);
    return ok
           || error_set(error, ERROR_INVALID,
                        "trie: line %zu: '%.40s' is not 0x and an even number of hex digits",
                        input->line, text);
}

static bool read_line(void *context, char *line, struct error *error)
{
    struct input *input = context;
    struct trie_pair pair = {{NULL, 0}, {NULL, 0}};
    input->line++;
    input->size += strlen(line);
    if (input->size > FILES_SIZE_MAX)
        return error_set(error, ERROR_INVALID, "stdin: more than %u MiB", FILES_SIZE_MAX >> 20);
    if (line[0] == '\0')
        return true;
    char *value = strchr(line, ' ');
    if (value == NULL)
        return error_set(error, ERROR_INVALID,
                         "trie: line %zu has no value; expected 'KEYHEX VALUEHEX' or 'KEYHEX -'",
                         input->line);
    *value++ = '\0';
    if (!read_hex(input, line, &pair.key, error))
        return false;
    if (strcmp(value, "-") != 0 && !read_hex(input, value, &pair.value, error))
        return false;
    if (input->is_secure) {
        hash256 hash = keccak256(pair.key.data, pair.key.size);
        pair.key = arena_copy(&input->arena, bytes_of(hash.bytes, sizeof hash.bytes));
    }
    if (pair.key.size > TRIE_PATH_MAX / 2)
        return error_set(error, ERROR_INVALID,
                         "trie: line %zu: the key has %zu bytes, expected at most %d", input->line,
                         pair.key.size, TRIE_PATH_MAX / 2);
    if (input->count == input->capacity) {
        input->capacity = input->capacity == 0 ? 64 : 2 * input->capacity;
        input->pairs = memory_resize(input->pairs, input->capacity * sizeof *input->pairs);
    }
    input->pairs[input->count++] = pair;
    return true;
}

int trie_command(int count, char **arguments)
{
    struct input input = {0};
    struct error error = {0};
    const struct flag flags[] = {{.name = "secure", .is_on = &input.is_secure}};
    if (!flags_parse(flags, 1, arguments, &count, 0, &error))
        return command_misused("trie", &error);
    bool ok = lines_each(read_line, &input, &error);
    if (ok) {
        struct buffer text = {0};
        hash256 root = trie_root_of(input.pairs, input.count);
        hex_append(&text, bytes_of(root.bytes, sizeof root.bytes));
        printf("%.*s\n", (int)text.size, (const char *)text.data);
        buffer_cleanup(&text);
    }
    arena_cleanup(&input.arena);
    free(input.pairs);
    return ok ? EXIT_DONE : command_failed(&error);
}
