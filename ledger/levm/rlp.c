/* levm rlp: JSON of 0x-strings and arrays <-> 0x-hex, a line at a time. */
#include "ledger/codec/rlp.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/levm/command.h"
#include "ledger/levm/json.h"
#include "ledger/levm/lines.h"
#include "vm/base/hex.h"

#define DEPTH_MAX 1024

static bool encode_value(const json_t *value, struct buffer *out, int depth)
{
    if (json_is_array(value) && depth < DEPTH_MAX) {
        size_t list = rlp_open_list(out);
        for (size_t i = 0; i < json_array_size(value); i++)
            if (!encode_value(json_array_get(value, i), out, depth + 1))
                return false;
        rlp_close_list(out, list);
        return true;
    }
    struct buffer string = {0};
    bool ok = json_is_string(value)
              && hex_decode_append(&string, json_string_value(value), json_string_length(value));
    if (ok)
        rlp_put_string(out, buffer_view(&string));
    buffer_cleanup(&string);
    return ok;
}

static bool encode_line(void *context, char *line, struct error *error)
{
    (void)context;
    (void)error; /* what is wrong with a line stands in its answer */
    struct buffer out = {0};
    struct buffer text = {0};
    struct error reason;
    json_t *value = input_parse(bytes_of_text(line), "line", &reason);
    if (value == NULL) {
        printf("error: %s\n", reason.text);
    } else if (!encode_value(value, &out, 0)) {
        printf("error: expected 0x-strings of whole bytes and arrays of them\n");
    } else {
        hex_append(&text, buffer_view(&out));
        printf("%.*s\n", (int)text.size, (const char *)text.data);
    }
    json_decref(value);
    buffer_cleanup(&text);
    buffer_cleanup(&out);
    return true;
}

/* One item, as JSON. */
static void decode_item(struct rlp_reader *in, struct buffer *out, int depth)
{
    if (!rlp_is_list(in)) {
        struct bytes string = rlp_string(in);
        buffer_append_u8(out, '"');
        hex_append(out, string);
        buffer_append_u8(out, '"');
        return;
    }
    struct rlp_reader list = rlp_list(in);
    if (depth == DEPTH_MAX) {
        rlp_fail(in, RLP_TOO_LARGE);
        return;
    }
    buffer_append_u8(out, '[');
    for (bool is_first = true; rlp_has_more(&list); is_first = false) {
        if (!is_first)
            buffer_append_u8(out, ',');
        decode_item(&list, out, depth + 1);
    }
    buffer_append_u8(out, ']');
    rlp_leave(in, &list);
}

static bool decode_line(void *context, char *line, struct error *error)
{
    (void)context;
    (void)error;
    struct buffer encoded = {0};
    struct buffer out = {0};
    if (!hex_decode_append(&encoded, line, strlen(line))) {
        printf("error: not 0x and an even number of hex digits\n");
    } else {
        struct rlp_reader in = rlp_reader_over(buffer_view(&encoded));
        decode_item(&in, &out, 0);
        if (rlp_finished(&in))
            printf("%.*s\n", (int)out.size, (const char *)out.data);
        else
            printf("error: %s\n", rlp_verdict_text(in.verdict));
    }
    buffer_cleanup(&encoded);
    buffer_cleanup(&out);
    return true;
}

int rlp_command(int count, char **arguments)
{
    struct error error = {0};
    bool is_encode = count == 1 && strcmp(arguments[0], "encode") == 0;
    bool is_decode = count == 1 && strcmp(arguments[0], "decode") == 0;
    if (!is_encode && !is_decode) {
        error_set(&error, ERROR_INVALID, "expected 'encode' or 'decode'");
        return command_misused("rlp", &error);
    }
    return lines_each(is_encode ? encode_line : decode_line, NULL, &error) ? EXIT_DONE
                                                                           : command_failed(&error);
}
