/* Whoever comes with an invitation of this node gets the founding document. */
#include "node/seat_state.h"

#include <stdlib.h>

#include "node/clock.h"
#include "node/join_message.h"
#include "node/log.h"
#include "node/tickets.h"

#define INVITATION_COST 32 /* in signatures: it is read, checked and written down */

struct welcoming {
    struct seat *seat;
    unsigned from;
    struct node_id who;
    struct line_check check;
    uint32_t network;
    struct node_id own;
    struct buffer link;
    struct buffer answer;
    bool is_welcome;
};

static bool may_join(struct welcoming *welcoming, struct error *error)
{
    const struct organisation *org = welcoming->seat->org;
    const uint64_t now_s = clock_wall_ms() / 1000;
    struct invitation invitation;
    if (!invitation_parse(&invitation, buffer_view(&welcoming->link), error)
        || !invitation_check(&invitation, welcoming->network, now_s, error))
        return false;
    if (!hash256_equal(&invitation.ledger, &org->id))
        return error_set(error, ERROR_INVALID, "the invitation is to another ledger");
    if (!node_id_equal(&invitation.addresses[0].who, &welcoming->own))
        return error_set(error, ERROR_INVALID, "the invitation is another node's, not this one's");
    return tickets_take(org->folder, &invitation, &welcoming->who, now_s, error);
}

static void welcome_job(struct vm *machine, void *arg)
{
    struct welcoming *welcoming = arg;
    struct error error;
    struct join_message message = {.kind = JOIN_WELCOME, .text = welcoming->seat->org->document};
    (void)machine;
    welcoming->is_welcome = may_join(welcoming, &error);
    if (!welcoming->is_welcome)
        message =
            (struct join_message){.kind = JOIN_NOT_WELCOME, .text = bytes_of_text(error.text)};
    join_message_encode(&message, &welcoming->answer);
}

static void free_welcoming(struct welcoming *welcoming)
{
    buffer_cleanup(&welcoming->link);
    buffer_cleanup(&welcoming->answer);
    free(welcoming);
}

static void on_welcome(void *arg)
{
    struct welcoming *welcoming = arg;
    struct seat *seat = welcoming->seat;
    seat->jobs--;
    log_write(LOG_INFO, "seat: %s who came with an invitation org=%s",
              welcoming->is_welcome ? "welcomed" : "refused", seat->org->label);
    if (seat->line != NULL && line_is_node(seat->line, welcoming->from, &welcoming->who))
        line_send(seat->line, welcoming->from, buffer_view(&welcoming->answer));
    line_end_check(seat->links.switchboard, &welcoming->check, NULL);
    if (seat->is_close_wanted)
        seat_finish_close(seat);
    free_welcoming(welcoming);
}

enum heard seat_on_join_message(struct seat *seat, unsigned from, struct bytes bytes)
{
    struct join_message message;
    if (!join_message_decode(&message, bytes)) {
        if (bytes.data[0] <= JOIN_NOT_WELCOME) /* else it is of a newer program */
            line_fault(seat->line, from, "a message that no node writes");
        return HEARD;
    }
    if (message.kind != JOIN_REQUEST)
        return HEARD;
    struct welcoming *welcoming = memory_new_zeroed(1, sizeof *welcoming);
    *welcoming = (struct welcoming){.seat = seat,
                                    .from = from,
                                    .who = line_node(seat->line, from),
                                    .network = switchboard_network(seat->links.switchboard),
                                    .own = switchboard_own(seat->links.switchboard)};
    buffer_append_bytes(&welcoming->link, message.text);
    if (!line_begin_check(seat->line, from, INVITATION_COST, false, &welcoming->check)) {
        free_welcoming(welcoming);
        return HEARD_LATER;
    }
    if (!actor_submit(seat->actor, welcome_job, on_welcome, welcoming)) {
        line_end_check(seat->links.switchboard, &welcoming->check, NULL);
        free_welcoming(welcoming);
        return HEARD_LATER;
    }
    seat->jobs++;
    return HEARD;
}
