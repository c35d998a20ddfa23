/* What founders ask this node to found together with other nodes, and the operator's word about it:
 * asked of the running node by its control socket. */
#include "node/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "ledger/codec/abi_text.h"
#include "node/control.h"

static const char *const accept_flags[] = {"refuse", NULL};

#define COIN_DIGITS   18
#define SESSION_SHOWN 8 /* digits */

static const char *text_of(const json_t *question, const char *key)
{
    const char *text = json_string_value(json_object_get(question, key));
    return text == NULL ? "" : text;
}

/* What a founder chose may not move the cursor of a terminal. */
static void print_safe(const char *text)
{
    struct buffer safe = {0};
    text_format_safe(bytes_of_text(text), &safe);
    fwrite(safe.data, 1, safe.size, stdout);
    buffer_cleanup(&safe);
}

/* Wei as whole coins, without zeros at the end. */
static void print_coins(const char *quantity)
{
    char digits[U256_DECIMAL_SIZE], padded[COIN_DIGITS + U256_DECIMAL_SIZE];
    u256 wei;
    if (!u256_parse_hex(&wei, quantity, strlen(quantity)))
        return;
    u256_format_decimal(digits, &wei);
    size_t size = strlen(digits);
    const size_t zeros = size > COIN_DIGITS ? 0 : COIN_DIGITS + 1 - size;
    memset(padded, '0', zeros);
    memcpy(padded + zeros, digits, size);
    size += zeros;
    const size_t whole = size - COIN_DIGITS;
    while (size > whole && padded[size - 1] == '0')
        size--;
    printf("%.*s%s%.*s", (int)whole, padded, size > whole ? "." : "", (int)(size - whole),
           padded + whole);
}

static void print_question(const json_t *question)
{
    const char *word = text_of(question, "word");
    printf("%-16s ", text_of(question, "label"));
    print_safe(text_of(question, "name"));
    printf(", coin %s, session %.*s\n", text_of(question, "symbol"), SESSION_SHOWN,
           text_of(question, "session") + 2);
    printf("    founder %s, who gets ", text_of(question, "founder"));
    print_coins(text_of(question, "grant"));
    printf(" %s\n", text_of(question, "symbol"));
    printf("    transparency %s, fees %s, quorum mode %s\n", text_of(question, "transparency"),
           text_of(question, "fees"), text_of(question, "mode"));
    if (strcmp(word, "waits") == 0)
        printf("    yes: lnode accept %s    no: lnode accept %s --refuse\n",
               text_of(question, "label"), text_of(question, "label"));
    else
        printf("    you %s\n", word);
}

static bool list(const char *data_dir, struct error *error)
{
    struct buffer answer = {0};
    json_t *questions = NULL;
    bool ok = control_ask(data_dir, "foundings", &answer, error);
    if (ok) {
        questions = json_loadb((const char *)answer.data, answer.size, 0, NULL);
        ok = json_is_array(questions)
             || error_set(error, ERROR_INVALID, "the running lnode gave no list of foundings");
    }
    for (size_t i = 0; ok && i < json_array_size(questions); i++)
        print_question(json_array_get(questions, i));
    if (ok && json_array_size(questions) == 0)
        printf("nobody asks this node to found an organisation together with others\n");
    json_decref(questions);
    buffer_cleanup(&answer);
    return ok;
}

static bool answer(const char *data_dir, const char *what, bool is_yes, struct error *error)
{
    char request[128];
    struct buffer nothing = {0};
    const size_t skip = strncmp(what, "0x", 2) == 0 ? 2 : 0;
    snprintf(request, sizeof request, "founding %s %.64s", is_yes ? "yes" : "no", what + skip);
    const bool ok = control_ask(data_dir, request, &nothing, error);
    buffer_cleanup(&nothing);
    if (ok && is_yes)
        printf("yes to %s: its founder's wallet goes on when it asks again\n", what);
    else if (ok)
        printf("no to %s: its founder is told so\n", what);
    return ok;
}

enum exit_code command_accept(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    const bool is_yes = arguments_flag(arguments, "refuse") == NULL;
    struct error error;
    bool ok = arguments_allow(arguments, accept_flags, 1, &error)
              && arguments_config(arguments, config, &error)
              && (is_yes || arguments->words_count == 1
                  || error_set(&error, ERROR_INVALID,
                               "--refuse: expected what, as lnode accept "
                               "lists it"));
    enum exit_code code = ok ? EXIT_OK : EXIT_USAGE;
    if (ok) {
        ok = arguments->words_count == 0
                 ? list(config->data_dir, &error)
                 : answer(config->data_dir, arguments->words[0], is_yes, &error);
        code = ok ? EXIT_OK : EXIT_DEGRADED;
    }
    free(config);
    return ok ? code : fail_with(&error, code);
}
