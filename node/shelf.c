#include "node/shelf.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/clock.h"
#include "node/joint_founding.h"
#include "node/log.h"
#include "vm/base/hex.h"

struct shelf {
    const struct data_dir *dir;
    struct seat_environment environment;
    size_t open_max;

    /* any thread: entries below `count` never change */
    struct seat *seats[SHELF_ORGS_MAX];
    atomic_size_t count;
    _Atomic(struct seat *) default_seat;
    char unreadable[ERROR_TEXT_SIZE]; /* written before threads start */

    /* loop thread */
    size_t next_to_open;
    loop_fn opened;
    void *opened_arg;
    atomic_bool is_stopping; /* read by any thread */
    size_t closing_left;
    loop_fn closed;
    void *closed_arg;
};

/* ---- The list ------------------------------------------------------------------------------ */

static struct seat *find_by_label(const struct shelf *shelf, const char *label)
{
    size_t count = atomic_load(&shelf->count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(seat_organisation(shelf->seats[i])->label, label) == 0)
            return shelf->seats[i];
    }
    return NULL;
}

static struct seat *find_by_id(const struct shelf *shelf, const hash256 *id)
{
    size_t count = atomic_load(&shelf->count);
    for (size_t i = 0; i < count; i++) {
        if (hash256_equal(&seat_organisation(shelf->seats[i])->id, id))
            return shelf->seats[i];
    }
    return NULL;
}

static struct seat *find_by_chain_id(const struct shelf *shelf, uint64_t chain_id)
{
    size_t count = atomic_load(&shelf->count);
    for (size_t i = 0; i < count; i++) {
        if (seat_organisation(shelf->seats[i])->chain_id == chain_id)
            return shelf->seats[i];
    }
    return NULL;
}

static bool has_room(size_t count, struct error *error)
{
    return count < SHELF_ORGS_MAX
           || error_set(error, ERROR_BUSY, "this node holds %d organisations, its bound",
                        SHELF_ORGS_MAX);
}

/* Takes `org`, also on failure. */
static bool add(struct shelf *shelf, struct organisation *org, struct seat **added,
                struct error *error)
{
    size_t count = atomic_load(&shelf->count);
    struct seat *same = find_by_chain_id(shelf, org->chain_id);

    if (same != NULL) {
        error_set(error, ERROR_EXISTS,
                  "%s has the chain id %" PRIu64 " of %s, and a node keeps no two ledgers with "
                  "one chain id; move one of the folders in %.160s/ledgers away",
                  org->label, org->chain_id, seat_organisation(same)->label, shelf->dir->path);
        organisation_free(org);
        return false;
    }
    if (!has_room(count, error)) {
        organisation_free(org);
        return false;
    }
    shelf->seats[count] = seat_new(&shelf->environment, org);
    *added = shelf->seats[count];
    atomic_store(&shelf->count, count + 1);
    return true;
}

static void load_one(struct shelf *shelf, const char *label)
{
    struct error error;
    struct seat *added;
    struct organisation *org = organisation_load(shelf->dir, label, &error);

    if (org != NULL && add(shelf, org, &added, &error))
        return;
    log_write(LOG_ERROR, "shelf: left out organisation=%s reason=\"%s\"", label, error.text);
    if (shelf->unreadable[0] == '\0')
        snprintf(shelf->unreadable, sizeof shelf->unreadable, "%s: %.300s", label, error.text);
}

static bool load_all(struct shelf *shelf, struct error *error)
{
    struct arena arena = {0};
    char **labels, chosen[LABEL_MAX + 1];
    size_t count;
    bool ok = founding_clean_up(shelf->dir, error)
              && joint_clean_up(shelf->dir, clock_wall_ms() / 1000, error)
              && organisation_labels(shelf->dir, &arena, &labels, &count, error)
              && data_dir_default_org(shelf->dir, chosen, error);

    for (size_t i = 0; ok && i < count; i++)
        load_one(shelf, labels[i]);
    arena_cleanup(&arena);
    if (!ok)
        return false;
    struct seat *seat = find_by_label(shelf, chosen);
    if (seat == NULL && atomic_load(&shelf->count) > 0)
        seat = shelf->seats[0];
    atomic_store(&shelf->default_seat, seat);
    return true;
}

struct shelf *shelf_new(const struct data_dir *dir, const struct seat_environment *environment,
                        size_t open_max, struct error *error)
{
    struct shelf *shelf = memory_new_zeroed(1, sizeof *shelf);
    shelf->dir = dir;
    shelf->environment = *environment;
    shelf->open_max = open_max;
    if (load_all(shelf, error))
        return shelf;
    shelf_free(shelf);
    return NULL;
}

void shelf_free(struct shelf *shelf)
{
    if (shelf == NULL)
        return;
    for (size_t i = 0; i < atomic_load(&shelf->count); i++)
        seat_free(shelf->seats[i]);
    free(shelf);
}

size_t shelf_count(const struct shelf *shelf)
{
    return atomic_load(&shelf->count);
}

const struct organisation *shelf_find(const struct shelf *shelf, const char *label)
{
    const struct seat *seat = find_by_label(shelf, label);
    return seat == NULL ? NULL : seat_organisation(seat);
}

const struct organisation *shelf_find_id(const struct shelf *shelf, const hash256 *id)
{
    const struct seat *seat = find_by_id(shelf, id);
    return seat == NULL ? NULL : seat_organisation(seat);
}

struct seat_standing shelf_standing(const struct shelf *shelf, const char *label)
{
    const struct seat *seat = find_by_label(shelf, label);
    struct seat_standing standing = {.members = 0};
    if (seat != NULL)
        seat_standing(seat, &standing);
    return standing;
}

struct org_summary *shelf_summaries(const struct shelf *shelf, struct arena *arena, size_t *count)
{
    size_t total = atomic_load(&shelf->count);
    const struct seat *chosen = atomic_load(&shelf->default_seat);
    struct org_summary *summaries = arena_array(arena, total, sizeof *summaries);
    size_t next = 0;

    if (chosen != NULL && total > 0) {
        seat_summary(chosen, &summaries[next]);
        summaries[next++].is_default = true;
    }
    for (size_t i = 0; i < total && next < total; i++) {
        if (shelf->seats[i] != chosen)
            seat_summary(shelf->seats[i], &summaries[next++]);
    }
    *count = next;
    return summaries;
}

struct org_figures *shelf_figures(const struct shelf *shelf, struct arena *arena, size_t *count)
{
    *count = atomic_load(&shelf->count);
    struct org_figures *figures = arena_array(arena, *count, sizeof *figures);
    for (size_t i = 0; i < *count; i++)
        seat_figures(shelf->seats[i], &figures[i]);
    return figures;
}

bool shelf_status(const struct shelf *shelf, char problem[ERROR_TEXT_SIZE])
{
    size_t count = atomic_load(&shelf->count), stopped = 0;
    struct org_summary first, summary;

    problem[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (!seat_is_stopped(shelf->seats[i]))
            continue;
        seat_summary(shelf->seats[i], &summary);
        if (stopped++ == 0)
            first = summary;
    }
    if (stopped == 1)
        snprintf(problem, ERROR_TEXT_SIZE, "%s stands still: %.290s", first.label, first.stopped);
    else if (stopped > 1)
        snprintf(problem, ERROR_TEXT_SIZE, "%zu ledgers stand still; %s: %.260s", stopped,
                 first.label, first.stopped);
    else if (shelf->unreadable[0] != '\0')
        snprintf(problem, ERROR_TEXT_SIZE, "left out %.360s", shelf->unreadable);
    return problem[0] == '\0';
}

/* ---- Use ------------------------------------------------------------------------------------- */

/* Closes the least recently used idle seat when one more would pass the bound. */
static void make_room(struct shelf *shelf)
{
    size_t count = atomic_load(&shelf->count), open = 0;
    struct seat *oldest = NULL;

    for (size_t i = 0; i < count; i++) {
        struct seat *seat = shelf->seats[i];
        open += seat_is_open(seat) ? 1 : 0;
        if (seat_is_idle(seat)
            && (oldest == NULL || seat_last_used_ms(seat) < seat_last_used_ms(oldest)))
            oldest = seat;
    }
    if (open >= shelf->open_max && oldest != NULL)
        seat_close(oldest, NULL, NULL);
}

static struct seat *find(const struct shelf *shelf, const char *name, struct error *error)
{
    struct seat *seat;
    hash256 id;

    if (name == NULL) {
        seat = atomic_load(&shelf->default_seat);
        if (seat == NULL)
            error_set(error, ERROR_NOT_FOUND,
                      "this node has no organisation yet; found one: lwallet org create LABEL");
        return seat;
    }
    seat = hex_decode_fixed(id.bytes, sizeof id.bytes, name, strlen(name))
               ? find_by_id(shelf, &id)
               : find_by_label(shelf, name);
    if (seat == NULL)
        error_set(error, ERROR_NOT_FOUND,
                  "this node has no organisation \"%.80s\"; org_list shows those it has", name);
    return seat;
}

void shelf_acquire(struct shelf *shelf, const char *name, rpc_acquired_fn acquired, void *arg)
{
    struct error error = {0};
    struct seat *seat = NULL;

    if (shelf->is_stopping)
        error_set(&error, ERROR_BUSY, "this node is stopping");
    else
        seat = find(shelf, name, &error);
    if (seat == NULL) {
        acquired(arg, NULL, &error);
        return;
    }
    if (!seat_is_open(seat))
        make_room(shelf);
    seat_acquire(seat, acquired, arg);
}

struct rpc_ledger *shelf_acquire_open(struct shelf *shelf, const char *name)
{
    struct error ignored;
    struct seat *seat = atomic_load(&shelf->is_stopping) ? NULL : find(shelf, name, &ignored);
    return seat != NULL ? seat_acquire_open(seat) : NULL;
}

void shelf_release(struct shelf *shelf, struct seat *seat)
{
    (void)shelf;
    seat_release(seat);
}

/* ---- Start and stop ---------------------------------------------------------------------------- */

static void open_next(struct shelf *shelf);

static void on_started(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct shelf *shelf = arg;
    loop_fn opened = shelf->opened;

    (void)error; /* the seat logged and shows it */
    if (ledger != NULL)
        seat_release(ledger->seat);
    shelf->opened = NULL;
    if (opened != NULL)
        opened(shelf->opened_arg);
    open_next(shelf);
}

/* Place 0 is the default one; then all others in order. */
static void open_next(struct shelf *shelf)
{
    struct seat *chosen = atomic_load(&shelf->default_seat), *seat;

    do {
        size_t place = shelf->next_to_open++;
        if (shelf->is_stopping || place > atomic_load(&shelf->count))
            return;
        seat = place == 0 ? chosen : shelf->seats[place - 1];
        if (place > 0 && seat == chosen)
            seat = NULL;
    } while (seat == NULL);
    make_room(shelf);
    seat_acquire(seat, on_started, shelf);
}

void shelf_start(struct shelf *shelf, loop_fn opened, void *arg)
{
    if (atomic_load(&shelf->count) == 0) {
        if (opened != NULL)
            opened(arg);
        return;
    }
    shelf->opened = opened;
    shelf->opened_arg = arg;
    open_next(shelf);
}

static void on_one_closed(void *arg)
{
    struct shelf *shelf = arg;
    assert(shelf->closing_left > 0);
    if (--shelf->closing_left == 0)
        shelf->closed(shelf->closed_arg);
}

void shelf_stop(struct shelf *shelf, loop_fn closed, void *arg)
{
    size_t count = atomic_load(&shelf->count);

    shelf->is_stopping = true;
    shelf->closed = closed;
    shelf->closed_arg = arg;
    shelf->closing_left = count + 1; /* the last one is this function */
    for (size_t i = 0; i < count; i++)
        seat_close(shelf->seats[i], on_one_closed, shelf);
    on_one_closed(shelf);
}

/* ---- Founding ------------------------------------------------------------------------------------ */

uint64_t *shelf_chain_ids(const struct shelf *shelf, struct arena *arena, size_t *count)
{
    *count = atomic_load(&shelf->count);
    uint64_t *ids = arena_array(arena, *count, sizeof *ids);
    for (size_t i = 0; i < *count; i++)
        ids[i] = seat_organisation(shelf->seats[i])->chain_id;
    return ids;
}

static bool take_up(struct shelf *shelf, const char *label, bool make_default,
                    struct org_summary *summary, struct error *error)
{
    struct seat *added = NULL;
    struct organisation *org = organisation_load(shelf->dir, label, error);

    if (org == NULL || !add(shelf, org, &added, error))
        return false;
    if (make_default || atomic_load(&shelf->count) == 1) {
        if (!data_dir_set_default_org(shelf->dir, label, error))
            return false;
        atomic_store(&shelf->default_seat, added);
    }
    seat_summary(added, summary);
    summary->is_default = atomic_load(&shelf->default_seat) == added;
    log_write(LOG_INFO, "shelf: took up org=%s chain_id=%" PRIu64, label, summary->chain_id);
    return true;
}

bool shelf_take_up(struct shelf *shelf, const char *label, struct org_summary *summary,
                   struct error *error)
{
    const struct seat *seat = find_by_label(shelf, label);
    if (seat == NULL)
        return take_up(shelf, label, false, summary, error);
    seat_summary(seat, summary);
    summary->is_default = atomic_load(&shelf->default_seat) == seat;
    return true;
}

bool shelf_found(struct shelf *shelf, const struct founding *founding, bool make_default,
                 struct org_summary *summary, struct error *error)
{
    struct arena arena = {0};
    size_t count;
    const uint64_t *taken = shelf_chain_ids(shelf, &arena, &count);
    bool ok = has_room(count, error)
              && joint_check_free(shelf->dir, founding->label, founding->genesis.chain_id_fixed,
                                  NULL, error)
              && founding_write(shelf->dir, founding, taken, count, error);
    arena_cleanup(&arena);
    return ok && take_up(shelf, founding->label, make_default, summary, error);
}

bool shelf_join(struct shelf *shelf, const char *label, const struct invitation *invitation,
                struct bytes document, struct org_summary *summary, struct error *error)
{
    const struct seat *same = find_by_id(shelf, &invitation->ledger);
    struct invited invited;
    if (same != NULL)
        return error_set(error, ERROR_EXISTS, "this node has that ledger already, as %s",
                         seat_organisation(same)->label);
    if (!has_room(atomic_load(&shelf->count), error)
        || !founding_check_invited(invitation, document, label, &invited, error))
        return false;
    same = find_by_chain_id(shelf, invited.chain_id);
    if (same != NULL)
        return error_set(error, ERROR_EXISTS,
                         "%s has the chain id %" PRIu64 " of that ledger, and a node keeps no two "
                         "ledgers with one chain id",
                         seat_organisation(same)->label, invited.chain_id);
    return joint_check_free(shelf->dir, invited.label, invited.chain_id, NULL, error)
           && founding_write_invited(shelf->dir, &invited, invitation, document, error)
           && take_up(shelf, invited.label, false, summary, error);
}

static void on_shared(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    (void)arg;
    (void)error; /* the seat logged and shows it */
    if (ledger == NULL)
        return;
    seat_share(ledger->seat);
    seat_release(ledger->seat);
}

void shelf_share(struct shelf *shelf, const char *label)
{
    shelf_acquire(shelf, label, on_shared, NULL);
}
