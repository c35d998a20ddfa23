#include "wallet/wallet.h"

#include "rpc/client.h"
#include "wallet/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define JSON_STYLE (JSON_INDENT(2) | JSON_PRESERVE_ORDER)

const char *wallet_exit_name(enum wallet_exit code)
{
    switch (code) {
    case WALLET_OK: return "ok";
    case WALLET_REFUSED: return "refused";
    case WALLET_USAGE: return "usage";
    case WALLET_UNREACHABLE: return "unreachable";
    case WALLET_NOT_FOUND: return "not found";
    case WALLET_LOCKED: return "locked";
    case WALLET_NOT_FINAL: return "not final";
    case WALLET_LOCAL: return "local";
    case WALLET_UNPROVEN: return "not proven";
    case WALLET_EXIT_COUNT: break;
    }
    return "unknown";
}

const char *wallet_exit_meaning(enum wallet_exit code)
{
    switch (code) {
    case WALLET_OK: return "done";
    case WALLET_REFUSED: return "the node or the ledger said no, or the transaction was reverted";
    case WALLET_USAGE: return "the command line is not understood";
    case WALLET_UNREACHABLE: return "no node answers, or it speaks no JSON-RPC";
    case WALLET_NOT_FOUND: return "no such account, contact, organisation, contract or transaction";
    case WALLET_LOCKED:
        return "wrong or missing password, damaged key file, wrong phrase, missing admin token";
    case WALLET_NOT_FINAL: return "sent, but not final within the time to wait";
    case WALLET_LOCAL: return "files on this machine";
    case WALLET_UNPROVEN: return "the node's answer does not fit its proof, or it proves nothing";
    case WALLET_EXIT_COUNT: break;
    }
    return "unknown";
}

bool wallet_init(struct wallet *wallet, struct error *error)
{
    return config_load(wallet, error);
}

void wallet_cleanup(struct wallet *wallet)
{
    json_decref(wallet->config);
    json_decref(wallet->answer);
    rpc_client_free(wallet->node);
    buffer_cleanup(&wallet->lines);
    arena_cleanup(&wallet->arena);
}

void wallet_say(struct wallet *wallet, const char *format, ...)
{
    char *line = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (size >= 0) {
        buffer_append(&wallet->lines, line, (size_t)size);
        buffer_append_u8(&wallet->lines, '\n');
        free(line);
    }
}

void wallet_put(struct wallet *wallet, const char *name, json_t *value)
{
    json_object_set_new(wallet->answer, name, value);
}

void wallet_put_text(struct wallet *wallet, const char *name, const char *text)
{
    wallet_put(wallet, name, json_string(text));
}

enum wallet_exit wallet_fail(struct wallet *wallet, enum wallet_exit code, const char *next,
                             const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(wallet->message, sizeof wallet->message, format, arguments);
    va_end(arguments);
    snprintf(wallet->next, sizeof wallet->next, "%s", next == NULL ? "" : next);
    return code;
}

enum wallet_exit wallet_fail_error(struct wallet *wallet, const struct error *error,
                                   const char *next)
{
    enum wallet_exit code = WALLET_LOCAL;
    switch (error->code) {
    case ERROR_INVALID:
    case ERROR_UNSUPPORTED: code = WALLET_USAGE; break;
    case ERROR_NOT_FOUND: code = WALLET_NOT_FOUND; break;
    case ERROR_DENIED: code = WALLET_LOCKED; break;
    case ERROR_NONE:
    case ERROR_IO:
    case ERROR_CORRUPT:
    case ERROR_VERSION:
    case ERROR_EXISTS:
    case ERROR_BUSY:
    case ERROR_DISK_FULL: break;
    }
    return wallet_fail(wallet, code, next, "%s", error->text);
}

static int finish_json(struct wallet *wallet, enum wallet_exit code)
{
    if (code != WALLET_OK) {
        json_t *report = json_pack("{s:i, s:s, s:s}", "code", (int)code, "kind",
                                   wallet_exit_name(code), "message", wallet->message);
        if (report == NULL) /* the message is not UTF-8 */
            report = json_pack("{s:i, s:s}", "code", (int)code, "kind", wallet_exit_name(code));
        if (wallet->next[0] != '\0')
            json_object_set_new(report, "next", json_string(wallet->next));
        wallet_put(wallet, "error", report);
    }
    json_dumpf(wallet->answer, stdout, JSON_STYLE);
    putchar('\n');
    return (int)code;
}

int wallet_finish(struct wallet *wallet, enum wallet_exit code)
{
    if (wallet_is_json(wallet))
        return finish_json(wallet, code);
    if (wallet->lines.size > 0)
        fwrite(wallet->lines.data, 1, wallet->lines.size, stdout);
    fflush(stdout);
    if (code != WALLET_OK) {
        fprintf(stderr, "lwallet: %s\n", wallet->message);
        if (wallet->next[0] != '\0')
            fprintf(stderr, "  try: %s\n", wallet->next);
    }
    return (int)code;
}
