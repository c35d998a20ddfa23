#include "rpc/scope.h"

#include "rpc/subscriptions/hub.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define ERROR_TEXT_MAX 1024 /* longer revert reasons are cut; the data is whole */

uint64_t scope_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void scope_refresh(struct request_scope *scope)
{
    preview_free(scope->preview);
    scope->preview = NULL;
    ledger_view_close(scope->view);
    scope->view = NULL;
    scope->view_of = NULL;
    scope->has_block = scope->has_receipts = scope->has_state = false;
    arena_reset(&scope->block_memory);
    arena_reset(&scope->state_memory);
}

void scope_put_view(struct request_scope *scope, struct ledger *ledger, struct ledger_view *view)
{
    scope_refresh(scope);
    scope->view = view;
    scope->view_of = ledger;
}

struct ledger_view *scope_take_view(struct request_scope *scope, struct ledger *ledger)
{
    struct ledger_view *view = scope->view;
    if (scope->view_of != ledger)
        return NULL;
    scope->view = NULL;
    scope_refresh(scope); /* what else read it */
    return view;
}

void scope_cleanup(struct request_scope *scope)
{
    subscriptions_drop(&scope->subscriptions);
    scope_refresh(scope);
    arena_cleanup(&scope->block_memory);
    arena_cleanup(&scope->state_memory);
}

uint64_t call_begin_long(const struct call *call)
{
    if (call->scope->takes_long != NULL)
        call->scope->takes_long(call->scope->client);
    uint64_t own_ms = scope_now_ms() + call->limits->call_timeout_ms;
    return own_ms < call->scope->deadline_ms ? own_ms : call->scope->deadline_ms;
}

bool call_is_abandoned(const struct call *call)
{
    const struct request_scope *scope = call->scope;
    return scope->is_gone != NULL && scope->is_gone(scope->client);
}

enum call_outcome call_fail(struct call *call, int code, const char *format, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    call->error_code = code;
    call->error_text = arena_text(call->arena, bytes_of_text(text));
    return CALL_FAILED;
}

static int code_of(enum error_code code)
{
    switch (code) {
    case ERROR_IO:
    case ERROR_CORRUPT:
    case ERROR_VERSION:
    case ERROR_DISK_FULL: return RPC_INTERNAL_ERROR;
    case ERROR_NOT_FOUND: return RPC_NOT_FOUND;
    case ERROR_BUSY: return RPC_LIMIT_EXCEEDED;
    case ERROR_DENIED: return RPC_DENIED;
    case ERROR_NONE:
    case ERROR_INVALID:
    case ERROR_EXISTS:
    case ERROR_UNSUPPORTED: return RPC_SERVER_ERROR;
    }
    return RPC_SERVER_ERROR;
}

enum call_outcome call_fail_with(struct call *call, const struct error *error)
{
    return call_fail(call, code_of(error->code), "%s", error->text);
}

enum call_outcome call_fail_without_ledger(struct call *call)
{
    if (call->scope->unavailable != NULL)
        return call_fail_with(call, call->scope->unavailable);
    return call_fail(call, RPC_NOT_FOUND,
                     "this node has no organisation yet; found one: lwallet org create LABEL");
}

enum call_outcome call_continue(struct call *call, enum rpc_place place, call_fn next)
{
    call->next = next;
    call->next_place = place;
    call->next_org = NULL;
    return CALL_MOVES;
}

enum call_outcome call_wait(struct call *call, call_fn next)
{
    call->is_waiting = true;
    return call_continue(call, RPC_ANY_WORKER, next);
}

enum call_outcome call_acquire(struct call *call, const char *org, call_fn next)
{
    call->next = next;
    call->next_place = RPC_ANY_WORKER;
    call->next_org = org;
    return CALL_MOVES;
}

struct ledger_view *call_view(struct call *call)
{
    struct request_scope *scope = call->scope;
    if (scope->view != NULL && scope->view_of == call->ledger)
        return scope->view;
    scope_refresh(scope);
    struct error error = {0};
    scope->view = ledger_view_open(call->ledger, &error);
    scope->view_of = call->ledger;
    if (scope->view == NULL)
        call_fail_with(call, &error);
    return scope->view;
}

static bool read_block(struct call *call, struct ledger_view *view, uint64_t height)
{
    struct request_scope *scope = call->scope;
    struct error error = {0};
    if (scope->has_block && scope->height == height)
        return true;
    scope->has_block = scope->has_receipts = false;
    arena_reset(&scope->block_memory);
    scope->block = arena_array(&scope->block_memory, 1, sizeof *scope->block);
    if (!view_block(view, height, &scope->block_memory, scope->block, &error)) {
        call_fail_with(call, &error);
        return false;
    }
    scope->height = height;
    scope->has_block = true;
    return true;
}

static bool read_receipts(struct call *call, struct ledger_view *view, uint64_t height)
{
    struct request_scope *scope = call->scope;
    struct error error = {0};
    if (scope->has_receipts)
        return true;
    if (!view_receipts(view, height, &scope->block_memory, &scope->receipts, &scope->receipts_count,
                       &error)) {
        call_fail_with(call, &error);
        return false;
    }
    if (scope->receipts_count != scope->block->transactions_count) {
        call_fail(call, RPC_INTERNAL_ERROR,
                  "block %" PRIu64 " has %zu transactions but %zu receipts: run `lnode check`",
                  height, scope->block->transactions_count, scope->receipts_count);
        return false;
    }
    scope->has_receipts = true;
    return true;
}

bool call_block(struct call *call, uint64_t height, const struct block **block,
                const struct receipt **receipts)
{
    struct ledger_view *view = call_view(call);
    if (view == NULL || !read_block(call, view, height)
        || (receipts != NULL && !read_receipts(call, view, height)))
        return false;
    *block = call->scope->block;
    if (receipts != NULL)
        *receipts = call->scope->receipts;
    return true;
}

bool call_next_block(struct call *call, struct block_environment *next)
{
    struct ledger_view *view = call_view(call);
    struct error error = {0};
    if (view == NULL)
        return false;
    if (view_environment_pending(view, call->host->ops->now_ms(call->host->context), next, &error))
        return true;
    call_fail_with(call, &error);
    return false;
}

bool call_height_or_null(struct call *call, const struct block_ref *ref, uint64_t *height,
                         bool *is_known)
{
    struct ledger_view *view = call_view(call);
    struct error error = {0};
    if (view == NULL)
        return false;
    *is_known = true;
    *height = view_head(view);
    switch (ref->tag) {
    case BLOCK_LATEST:
    case BLOCK_PENDING: break;
    case BLOCK_EARLIEST: *height = 0; break;
    case BLOCK_AT_NUMBER:
        *is_known = ref->number <= *height;
        *height = ref->number;
        break;
    case BLOCK_AT_HASH:
        *is_known = view_height_of(view, &ref->hash, height, &error);
        if (!*is_known && error.code != ERROR_NOT_FOUND) {
            call_fail_with(call, &error);
            return false;
        }
        break;
    }
    return true;
}

bool call_height(struct call *call, const struct block_ref *ref, uint64_t *height)
{
    bool is_known;
    if (!call_height_or_null(call, ref, height, &is_known))
        return false;
    if (is_known)
        return true;
    if (ref->tag == BLOCK_AT_HASH)
        call_fail(call, RPC_SERVER_ERROR, "header for hash not found");
    else
        call_fail(call, RPC_SERVER_ERROR,
                  "header not found: block %" PRIu64 " is not final yet; the last final block is "
                  "%" PRIu64,
                  ref->number, view_head(call->scope->view));
    return false;
}

bool call_state(struct call *call, const struct block_ref *ref, struct state_reader *reader)
{
    struct request_scope *scope = call->scope;
    struct error error = {0};
    uint64_t height;
    if (!call_height(call, ref, &height))
        return false;
    if (ref->tag == BLOCK_PENDING && scope->preview != NULL) {
        *reader = preview_state(scope->preview);
        return true;
    }
    if (!scope->has_state || scope->state_height != height) {
        scope->has_state = false;
        arena_reset(&scope->state_memory);
        if (!view_state_at(scope->view, height, &scope->state_memory, &scope->state, &error)) {
            call_fail_with(call, &error);
            return false;
        }
        scope->state_height = height;
        scope->has_state = true;
    }
    *reader = scope->state;
    return true;
}

bool call_state_is_good(struct call *call, const struct state_reader *reader)
{
    struct error error = {0};
    if (!reader->ops->failed(reader->context, &error))
        return true;
    call_fail_with(call, &error);
    return false;
}
