#include "tests/sim/watch.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/sim/member.h"

#define TICKER_LINES 9
#define NOTE_MAX     100
#define VIEWS_SHOWN  10
#define BLOCKS_SHOWN 12

struct note {
    uint64_t at;
    char text[NOTE_MAX];
};

struct watch {
    struct watch_view view;
    const char *title;
    uint64_t next_ms;
    struct note notes[TICKER_LINES]; /* a ring */
    uint64_t notes_count;
};

enum colour { PLAIN = 0, RED = 31, GREEN = 32, YELLOW = 33, BLUE = 34, GREY = 90 };

struct watch *watch_new(const struct watch_view *view, const char *title)
{
    struct watch *watch = memory_new_zeroed(1, sizeof *watch);
    watch->view = *view;
    watch->title = title;
    watch->next_ms = view->from_ms;
    return watch;
}

void watch_free(struct watch *watch)
{
    free(watch);
}

void sim_note(struct sim *sim, unsigned box, const char *format, ...)
{
    va_list list;
    char text[NOTE_MAX];
    if (sim->watch == NULL)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    struct note *note = &sim->watch->notes[sim->watch->notes_count++ % TICKER_LINES];
    note->at = sim->now;
    if (box == NOBODY)
        snprintf(note->text, sizeof note->text, "%.90s", text);
    else
        snprintf(note->text, sizeof note->text, "member %u %.80s", box, text);
}

static void paint(const struct watch *watch, enum colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void paint(const struct watch *watch, enum colour colour, const char *format, ...)
{
    va_list list;
    const bool is_coloured = colour != PLAIN && !watch->view.is_plain;
    if (is_coloured)
        printf("\033[%dm", (int)colour);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    if (is_coloured)
        printf("\033[0m");
}

static void print_time(const struct watch *watch, enum colour colour, uint64_t ms)
{
    paint(watch, colour, "%02u:%02u.%03u", (unsigned)(ms / 60000), (unsigned)(ms / 1000 % 60),
          (unsigned)(ms % 1000));
}

/* How many of the other members' boxes it can talk with, both ways. */
static unsigned reached(const struct sim *sim, unsigned box, uint64_t members)
{
    unsigned count = 0;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        count += i != box && (members & BIT(i)) != 0 && member_standing(sim, i).is_up
                 && sim_passes(sim, box, i) && sim_passes(sim, i, box);
    return count;
}

/* Together with it they decide, or they do not. */
static void print_state(const struct watch *watch, const struct sim *sim, unsigned box,
                        const struct standing *standing)
{
    const struct committee *committee = sim_committee(sim, sim->epoch);
    const uint64_t members = sim_boxes_of(sim, committee);
    const unsigned others = reached(sim, box, members);
    const bool is_member = (members & BIT(box)) != 0;
    if (!standing->is_up)
        paint(watch, RED, "○ down          ");
    else if (others + is_member < committee->of.quorum)
        paint(watch, YELLOW, "◐ cut: hears %-2u ", others);
    else if (!is_member)
        paint(watch, GREY, "● follows       ");
    else if (!standing->is_audited)
        paint(watch, BLUE, "● asks of itself");
    else if (standing->silent_until >= standing->view)
        paint(watch, BLUE, "● silent (%5" PRIu64 ")", standing->silent_until);
    else if (sim->boxes[box].liar != NULL)
        paint(watch, RED, "● lies          ");
    else
        paint(watch, GREEN, "● up            ");
}

/* What it said in the view: P a proposal, N notarize, F finalize, x nullify. */
static void print_said(const struct watch *watch, const struct sim *sim, unsigned box,
                       uint64_t view, const struct standing *standing)
{
    const struct said *said = sim_said(sim, box, sim->epoch, view);
    const bool is_here = standing->is_up && standing->epoch == sim->epoch && standing->view == view;
    char text[5] = "    ";
    if (said != NULL) {
        text[0] = said->has_proposal ? 'P' : ' ';
        text[1] = said->has[2] ? 'F' : said->has[0] ? 'N' : ' ';
        text[2] = said->has[1] ? 'x' : ' ';
    }
    const bool is_empty = memcmp(text, "    ", 4) == 0;
    if (is_empty)
        paint(watch, is_here ? PLAIN : GREY, is_here ? " ◂   " : " ·   ");
    else
        paint(watch, text[1] == 'F' ? GREEN : text[2] == 'x' ? RED : PLAIN, "%s ", text);
}

/* What a quorum said in it. */
static void print_outcome(const struct watch *watch, const struct sim *sim, uint64_t view)
{
    const struct committee *committee = sim_committee(sim, sim->epoch);
    unsigned counts[3] = {0};
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const struct said *said = sim_said(sim, i, sim->epoch, view);
        const bool is_member =
            committee_index(committee, sim->boxes[i].identity) < committee->of.members;
        for (unsigned kind = 0; said != NULL && is_member && kind < 3; kind++)
            counts[kind] += said->has[kind];
    }
    if (counts[2] >= committee->of.quorum)
        paint(watch, GREEN, " ✓   ");
    else if (counts[1] >= committee->of.quorum)
        paint(watch, RED, " ✗   ");
    else if (counts[0] >= committee->of.quorum)
        paint(watch, BLUE, " ■   ");
    else
        paint(watch, GREY, " ·   ");
}

static void print_members(const struct watch *watch, const struct sim *sim)
{
    const uint64_t last = sim->highest_view;
    const uint64_t first = last >= VIEWS_SHOWN ? last - VIEWS_SHOWN + 1 : 1;
    paint(watch, GREY, "\n  member                 final   view ");
    for (uint64_t view = first; view <= last; view++)
        paint(watch, GREY, "%-5" PRIu64, view);
    printf("\n");
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const struct standing standing = member_standing(sim, i);
        printf("  %3u  ", i);
        print_state(watch, sim, i, &standing);
        printf("%7" PRIu64 " ", standing.final_height);
        if (standing.is_up && standing.epoch != sim->epoch)
            paint(watch, YELLOW, "  e%-2" PRIu64 "%3" PRIu64 " ", standing.epoch, standing.view);
        else if (standing.is_up)
            printf("%6" PRIu64 "  ", standing.view);
        else
            printf("     -  ");
        for (uint64_t view = first; view <= last; view++)
            print_said(watch, sim, i, view, &standing);
        printf("\n");
    }
    paint(watch, GREY, "       a quorum                      ");
    printf(" ");
    for (uint64_t view = first; view <= last; view++)
        print_outcome(watch, sim, view);
    printf("\n");
}

static void print_chain(const struct watch *watch, const struct sim *sim)
{
    const uint64_t last = sim->highest;
    const uint64_t first = last > BLOCKS_SHOWN ? last - BLOCKS_SHOWN + 1 : 0;
    printf("\n  final  ");
    if (first > 0)
        paint(watch, GREY, "… ");
    for (uint64_t height = first; height <= last; height++)
        paint(watch, GREEN, "%s%" PRIu64, height == first ? "" : "─", height);
    printf("\n");
}

void watch_draw(struct watch *watch, struct sim *sim)
{
    const struct committee *committee = sim_committee(sim, sim->epoch);
    if (!watch->view.is_plain)
        printf("\033[H\033[2J");
    print_time(watch, PLAIN, sim->now);
    printf("   %s · epoch %" PRIu64 ": %u members, mode %s, %u decide%s\n", watch->title,
           sim->epoch, committee->of.members, quorum_mode_name(committee->mode),
           committee->of.quorum, sim->has_work ? "" : " · no transactions wait");
    print_members(watch, sim);
    print_chain(watch, sim);
    printf("\n");
    const uint64_t count = watch->notes_count < TICKER_LINES ? watch->notes_count : TICKER_LINES;
    for (uint64_t i = watch->notes_count - count; i < watch->notes_count; i++) {
        const struct note *note = &watch->notes[i % TICKER_LINES];
        printf("  ");
        print_time(watch, GREY, note->at);
        printf("  %s\n", note->text);
    }
    if (!watch->view.is_plain)
        paint(watch, GREY,
              "\n  P proposes  N notarizes  F finalizes  x nullifies   ◂ is here"
              "   ✓ final  ■ notarized  ✗ nullified\n");
    else
        printf("\n");
    fflush(stdout);
}

void watch_until(struct watch *watch, struct sim *sim, uint64_t now)
{
    const uint64_t every = watch->view.every_ms;
    const uint64_t then = sim->now;
    while (every > 0 && watch->next_ms < now && watch->next_ms <= watch->view.to_ms) {
        const double wait = (double)every / 1000 / watch->view.speed;
        const struct timespec pause = {(time_t)wait, (long)((wait - (double)(time_t)wait) * 1e9)};
        sim->now = watch->next_ms; /* nothing happens until then */
        watch_draw(watch, sim);
        watch->next_ms += every;
        if (!watch->view.is_plain)
            nanosleep(&pause, NULL);
    }
    sim->now = then;
}
