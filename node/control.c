#include "node/control.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "node/block_stream.h"
#include "node/clock.h"
#include "node/joining.h"
#include "rpc/write.h"

#define CONTROL_STACK_SIZE_BYTES (256 * 1024)
#define REQUEST_SIZE_MAX         (128 + LABEL_MAX + INVITATION_LINK_SIZE_MAX)
#define ASK_PATIENCE_S           60 /* joining takes its time */
#define INVITE_HOURS_MAX         (24 * 366)
#define ANSWER_SIZE_MAX          (64 * 1024 * 1024)
#define SOCKET_PATIENCE_S        10
#define SHORTAGE_PAUSE_MS        200
#define SLICE_BLOCKS             64
#define SLICE_SIZE_BYTES         (4 * 1024 * 1024)

/* A question to a ledger under way: control thread -> loop -> the ledger's actor -> loop. */
struct block_request {
    struct control *control;
    char label[LABEL_MAX + 1];
    uint64_t from;
    uint64_t next;
    struct rpc_ledger *ledger;
    struct buffer records;
    struct error error;
    bool ok;
    struct work to_loop;
};

/* A question about invitations under way: control thread -> loop, which answers. */
struct join_request {
    struct control *control;
    struct joining_wish wish; /* to share: its label alone */
    char label[LABEL_MAX + 1];
    struct error error;
    bool ok;
    struct work to_loop;
};

/* What the node's actor is asked of the foundings that wait for the operator. */
struct founding_request {
    struct control *control;
    bool is_list, is_yes;
    char what[LABEL_MAX + 1];
    struct buffer answer;
    struct error error;
    bool ok;
};

struct control {
    struct host *host;
    char path[PATH_SIZE];
    char rpc_bind[64];
    uint16_t rpc_port;
    int listen_fd;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_stopping;
    sem_t answered;               /* of the one request under way */
    struct block_request request; /* one at a time */
    struct join_request join;     /* the same */
    struct founding_request founding;
};

/* ---- The socket's address ----------------------------------------------------------------------- */

/* A unix address holds 107 characters; a longer path goes by way of the open folder. */
static bool socket_address(const char *data_dir, int folder_fd, struct sockaddr_un *place,
                           struct error *error)
{
    *place = (struct sockaddr_un){.sun_family = AF_UNIX};
    int size = snprintf(place->sun_path, sizeof place->sun_path, "%s/control.sock", data_dir);
    if (size > 0 && (size_t)size < sizeof place->sun_path)
        return true;
    size = snprintf(place->sun_path, sizeof place->sun_path, "/proc/self/fd/%d/control.sock",
                    folder_fd);
    if (size > 0 && (size_t)size < sizeof place->sun_path)
        return true;
    return error_set(error, ERROR_INVALID, "the path of %.100s is too long for a socket", data_dir);
}

static bool open_socket(const char *data_dir, int *fd, struct sockaddr_un *place, int *folder_fd,
                        struct error *error)
{
    *fd = -1;
    *folder_fd = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder_fd < 0)
        return error_set_errno(error, "could not open the folder %s", data_dir);
    if (!socket_address(data_dir, *folder_fd, place, error))
        return false;
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return *fd >= 0 || error_set_errno(error, "could not make a socket");
}

static void set_patience(int fd, time_t seconds)
{
    struct timeval patience = {seconds, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

static bool send_all(int fd, struct bytes bytes)
{
    while (bytes.size > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes.data += sent;
        bytes.size -= (size_t)sent;
    }
    return true;
}

/* ---- Blocks of a ledger --------------------------------------------------------------------------- */

static void collect_job(struct vm *machine, void *arg)
{
    struct block_request *request = arg;
    struct ledger *ledger = seat_ledger(request->ledger->seat);
    (void)machine;
    request->ok = block_stream_collect(ledger, request->from, SLICE_BLOCKS, SLICE_SIZE_BYTES,
                                       &request->records, &request->next, &request->error);
}

static void on_collected(void *arg)
{
    struct block_request *request = arg;
    shelf_release(request->control->host->shelf, request->ledger->seat);
    sem_post(&request->control->answered);
}

static void on_ledger(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct block_request *request = arg;

    request->ledger = ledger;
    if (ledger == NULL) {
        request->error = *error;
        sem_post(&request->control->answered);
    } else if (!actor_submit(seat_actor(ledger->seat), collect_job, on_collected, request)) {
        error_set(&request->error, ERROR_BUSY, "%s is busy; try again", request->label);
        on_collected(request);
    }
}

static void on_request(void *arg)
{
    struct block_request *request = arg;
    shelf_acquire(request->control->host->shelf, request->label, on_ledger, request);
}

/* False when the node stops meanwhile; then the question may still be under way, and what it
 * writes to stays until control_free(). */
static bool wait_answered(struct control *control)
{
    while (!atomic_load(&control->is_stopping)) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 200000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        if (sem_timedwait(&control->answered, &until) == 0)
            return true;
    }
    return false;
}

static void answer_blocks(struct control *control, const char *label, uint64_t from,
                          struct buffer *answer)
{
    struct block_request *request = &control->request;

    request->control = control;
    snprintf(request->label, sizeof request->label, "%s", label);
    request->from = from;
    request->ok = false;
    buffer_clear(&request->records);
    request->to_loop = (struct work){.done = on_request, .arg = request, .is_borrowed = true};
    workers_post(control->host->workers, &request->to_loop);
    if (!wait_answered(control)) {
        buffer_append_text(answer, "error this node is stopping\n");
        return;
    }
    if (!request->ok) {
        buffer_append_format(answer, "error %s\n", request->error.text);
    } else {
        buffer_append_format(answer, "ok\n%" PRIu64 "\n", request->next);
        buffer_append_bytes(answer, buffer_view(&request->records));
    }
    buffer_cleanup(&request->records);
}

/* ---- Invitations ---------------------------------------------------------------------------------- */

static struct join_request *new_join_request(struct control *control, loop_fn on_loop)
{
    struct join_request *request = &control->join;
    request->control = control;
    request->ok = false;
    request->to_loop = (struct work){.done = on_loop, .arg = request, .is_borrowed = true};
    return request;
}

static void on_share(void *arg)
{
    struct join_request *request = arg;
    shelf_share(request->control->host->shelf, request->label);
    sem_post(&request->control->answered);
}

/* The link; the node that invites is its only address. */
static bool make_invitation(const struct host *host, const struct organisation *org, uint64_t hours,
                            struct buffer *link, struct error *error)
{
    struct invitation invitation = {.network = host->network,
                                    .ledger = org->id,
                                    .expires_s = clock_wall_ms() / 1000 + hours * 3600,
                                    .addresses_count = 1};
    if (hours == 0 || hours > INVITE_HOURS_MAX)
        return error_set(error, ERROR_INVALID, "expected 1 to %d hours", INVITE_HOURS_MAX);
    if (founding_desk_endpoint(host->desk)[0] == '\0')
        return error_set(error, ERROR_INVALID,
                         "under which address can others reach this node? start lnode with "
                         "--peer-address HOST:PORT, then invite");
    if (RAND_bytes(invitation.ticket, sizeof invitation.ticket) != 1)
        return error_set(error, ERROR_IO, "the system gave no random bytes");
    invitation.addresses[0].who = node_id_of(host->node_key);
    snprintf(invitation.addresses[0].endpoint, ENDPOINT_SIZE, "%s",
             founding_desk_endpoint(host->desk));
    invitation_format(&invitation, host->node_key, link);
    return true;
}

static void answer_invite(struct control *control, const char *label, uint64_t hours,
                          struct buffer *answer)
{
    const struct organisation *org = shelf_find(control->host->shelf, label);
    struct buffer link = {0};
    struct error error;
    bool ok = org != NULL
              || error_set(&error, ERROR_NOT_FOUND, "this node has no organisation %s", label);
    if (ok && shelf_standing(control->host->shelf, label).follows)
        ok = error_set(&error, ERROR_INVALID,
                       "this node follows %s without a seat; members' nodes invite", label);
    ok = ok && make_invitation(control->host, org, hours, &link, &error)
         && organisation_share(org, &error);
    if (ok) {
        struct join_request *request = new_join_request(control, on_share);
        snprintf(request->label, sizeof request->label, "%s", label);
        workers_post(control->host->workers, &request->to_loop);
        ok = wait_answered(control) || error_set(&error, ERROR_BUSY, "this node is stopping");
    }
    if (ok) {
        buffer_append_text(answer, "ok\n");
        buffer_append_bytes(answer, buffer_view(&link));
        buffer_append_text(answer, "\n");
    } else {
        buffer_append_format(answer, "error %s\n", error.text);
    }
    buffer_cleanup(&link);
}

static void on_joined(void *arg, const struct org_summary *summary, const struct error *error)
{
    struct join_request *request = arg;
    request->ok = summary != NULL;
    if (summary != NULL)
        memcpy(request->label, summary->label, sizeof request->label);
    else
        request->error = *error;
    sem_post(&request->control->answered);
}

static void on_join(void *arg)
{
    struct join_request *request = arg;
    joining_start(request->control->host->joining, &request->wish, on_joined, request);
}

static void answer_join(struct control *control, const char *label, const char *link,
                        struct buffer *answer)
{
    struct join_request *request = new_join_request(control, on_join);
    if (!joining_read(&request->wish, link, strcmp(label, "-") == 0 ? "" : label,
                      control->host->network, clock_wall_ms() / 1000, &request->error)) {
        buffer_append_format(answer, "error %s\n", request->error.text);
        return;
    }
    workers_post(control->host->workers, &request->to_loop);
    if (!wait_answered(control))
        buffer_append_text(answer, "error this node is stopping\n");
    else if (request->ok)
        buffer_append_format(answer, "ok\n%s\n", request->label);
    else
        buffer_append_format(answer, "error %s\n", request->error.text);
}

/* ---- Status --------------------------------------------------------------------------------------- */

static void write_standing(struct buffer *out, const struct seat_standing *standing)
{
    write_key_decimal(out, "members", standing->members);
    write_key_bool(out, "follows", standing->follows);
    if (standing->members > 1 || standing->follows) {
        write_key_decimal(out, "quorum", standing->quorum);
        write_key_decimal(out, "membersReachable", standing->members_up);
        write_key_decimal(out, "view", standing->view);
        write_key_bool(out, "catchingUp", standing->is_catching_up);
    }
    if (standing->is_catching_up) {
        write_key_decimal(out, "syncTarget", standing->sync_target);
        write_key_decimal(out, "blocksPer1000Seconds", standing->sync_rate);
    }
    write_key_text(out, "waits", standing->waits);
}

static void write_org(struct buffer *out, const struct org_summary *org,
                      const struct seat_standing *standing)
{
    write_separator(out);
    write_raw(out, "{");
    write_key_text(out, "label", org->label);
    write_key_text(out, "name", org->name);
    write_key_text(out, "symbol", org->symbol);
    write_key_hash(out, "id", &org->id);
    write_key_decimal(out, "chainId", org->chain_id);
    write_key_decimal(out, "height", org->height);
    write_key_decimal(out, "blockTime", org->block_time);
    write_key_bool(out, "default", org->is_default);
    write_key_text(out, "stopped", org->stopped);
    write_standing(out, standing);
    write_raw(out, "}");
}

static void answer_status(struct control *control, struct buffer *answer)
{
    struct node_status status = host_status(control->host);
    struct arena arena = {0};
    size_t count;
    struct org_summary *orgs = shelf_summaries(control->host->shelf, &arena, &count);
    char url[128];
    bool is_ipv6 = strchr(control->rpc_bind, ':') != NULL;

    snprintf(url, sizeof url, "http://%s%s%s:%u", is_ipv6 ? "[" : "", control->rpc_bind,
             is_ipv6 ? "]" : "", control->rpc_port);
    buffer_append_text(answer, "ok\n");
    write_raw(answer, "{");
    write_key_text(answer, "version", status.version);
    write_key_bool(answer, "ok", status.is_ok);
    write_key_text(answer, "problem", status.problem);
    write_key_decimal(answer, "uptimeMs", status.uptime_ms);
    write_key_text(answer, "rpc", url);
    write_key_decimal(answer, "pid", (uint64_t)getpid());
    write_key_decimal(answer, "foundingsAsked",
                      control->host->desk == NULL ? 0 : founding_desk_waiting(control->host->desk));
    write_key_raw(answer, "orgs", "[");
    for (size_t i = 0; i < count; i++) {
        const struct seat_standing standing = shelf_standing(control->host->shelf, orgs[i].label);
        write_org(answer, &orgs[i], &standing);
    }
    write_raw(answer, "]}");
    arena_cleanup(&arena);
}

/* ---- Foundings ------------------------------------------------------------------------------------ */

static void founding_job(struct vm *machine, void *arg)
{
    struct founding_request *request = arg;
    struct founding_desk *desk = request->control->host->desk;
    (void)machine;
    request->ok = request->is_list
                  || founding_desk_answer(desk, request->what, request->is_yes, &request->error);
    if (request->is_list)
        founding_desk_write(desk, &request->answer);
    sem_post(&request->control->answered);
}

static void answer_founding(struct control *control, struct buffer *answer)
{
    struct founding_request *request = &control->founding;
    request->control = control;
    buffer_clear(&request->answer);
    if (!actor_submit(control->host->administration, founding_job, NULL, request)) {
        buffer_append_text(answer, "error this node is busy; try again\n");
        return;
    }
    if (!wait_answered(control)) {
        buffer_append_text(answer, "error this node is stopping\n");
        return;
    }
    if (!request->ok) {
        buffer_append_format(answer, "error %s\n", request->error.text);
        return;
    }
    buffer_append_text(answer, "ok\n");
    buffer_append_bytes(answer, buffer_view(&request->answer));
}

/* ---- The thread ----------------------------------------------------------------------------------- */

static bool is_founding_line(struct founding_request *request, const char *line)
{
    char word[4], rest;
    request->is_list = strcmp(line, "foundings") == 0;
    if (request->is_list)
        return true;
    if (sscanf(line, "founding %3s %64[a-z0-9-]%c", word, request->what, &rest) != 2)
        return false;
    request->is_yes = strcmp(word, "yes") == 0;
    return request->is_yes || strcmp(word, "no") == 0;
}

static void answer_line(struct control *control, const char *line, struct buffer *answer)
{
    char label[LABEL_MAX + 1], rest;
    uint64_t from;

    const char *link = strchr(line, ' ') == NULL ? NULL : strchr(strchr(line, ' ') + 1, ' ');

    if (strcmp(line, "status") == 0)
        answer_status(control, answer);
    else if (sscanf(line, "invite %64[a-z0-9-] %" SCNu64 "%c", label, &from, &rest) == 2)
        answer_invite(control, label, from, answer);
    else if (link != NULL && sscanf(line, "join %64[a-z0-9-] ", label) == 1)
        answer_join(control, label, link + 1, answer);
    else if (sscanf(line, "blocks %64[a-z0-9-] %" SCNu64 "%c", label, &from, &rest) == 2)
        answer_blocks(control, label, from, answer);
    else if (control->host->desk != NULL && is_founding_line(&control->founding, line))
        answer_founding(control, answer);
    else
        buffer_append_text(answer, "error unknown request; expected status, blocks LABEL FROM, "
                                   "invite LABEL HOURS, join LABEL LINK, foundings or founding "
                                   "yes|no WHAT\n");
}

static void serve(struct control *control, int fd)
{
    char line[REQUEST_SIZE_MAX + 1];
    size_t size = 0;
    struct buffer answer = {0};

    set_patience(fd, SOCKET_PATIENCE_S);
    while (size < REQUEST_SIZE_MAX && memchr(line, '\n', size) == NULL) {
        ssize_t got = recv(fd, line + size, REQUEST_SIZE_MAX - size, 0);
        if (got <= 0)
            return;
        size += (size_t)got;
    }
    line[size] = '\0';
    line[strcspn(line, "\n")] = '\0';
    answer_line(control, line, &answer);
    send_all(fd, buffer_view(&answer));
    buffer_cleanup(&answer);
}

/* Out of descriptors or memory: that passes, but not at once. */
static bool is_shortage(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

static void *control_main(void *arg)
{
    const struct timespec pause = {.tv_nsec = SHORTAGE_PAUSE_MS * 1000000L};
    struct control *control = arg;
    while (!atomic_load(&control->is_stopping)) {
        int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0 && is_shortage(errno))
            nanosleep(&pause, NULL);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED || is_shortage(errno)))
            continue;
        if (fd < 0)
            break; /* stopped */
        serve(control, fd);
        close(fd);
    }
    return NULL;
}

static bool listen_at(struct control *control, const char *data_dir, struct error *error)
{
    struct sockaddr_un place;
    int folder_fd = -1;
    bool ok = path_format(control->path, error, "%s/control.sock", data_dir)
              && open_socket(data_dir, &control->listen_fd, &place, &folder_fd, error);

    if (ok) {
        unlink(control->path); /* of a killed process: the lock is ours */
        mode_t mask = umask(0177);
        ok = bind(control->listen_fd, (struct sockaddr *)&place, sizeof place) == 0
             && listen(control->listen_fd, 16) == 0;
        umask(mask);
        if (!ok)
            error_set_errno(error, "could not listen on %s", control->path);
    }
    if (folder_fd >= 0)
        close(folder_fd);
    return ok;
}

static bool start_thread(struct control *control, struct error *error)
{
    pthread_attr_t attributes;
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, CONTROL_STACK_SIZE_BYTES);
    int failed = pthread_create(&control->thread, &attributes, control_main, control);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    control->has_thread = failed == 0;
    return control->has_thread
           || error_set(error, ERROR_IO, "could not start the control thread: %s",
                        strerror(failed));
}

struct control *control_start(struct loop *loop, struct host *host, const char *data_dir,
                              const char *rpc_bind, uint16_t rpc_port, struct error *error)
{
    struct control *control = memory_new_zeroed(1, sizeof *control);

    (void)loop;
    control->host = host;
    control->listen_fd = -1;
    control->rpc_port = rpc_port;
    snprintf(control->rpc_bind, sizeof control->rpc_bind, "%s", rpc_bind);
    sem_init(&control->answered, 0, 0);
    if (listen_at(control, data_dir, error) && start_thread(control, error))
        return control;
    control_free(control);
    return NULL;
}

void control_stop(struct control *control)
{
    if (control == NULL || atomic_exchange(&control->is_stopping, true))
        return;
    shutdown(control->listen_fd, SHUT_RDWR); /* ends accept() */
    unlink(control->path);
}

void control_free(struct control *control)
{
    if (control == NULL)
        return;
    control_stop(control);
    if (control->has_thread)
        pthread_join(control->thread, NULL);
    if (control->listen_fd >= 0)
        close(control->listen_fd);
    buffer_cleanup(&control->request.records);
    buffer_cleanup(&control->founding.answer);
    sem_destroy(&control->answered);
    free(control);
}

/* ---- The asking side ---------------------------------------------------------------------------------- */

static bool receive_all(int fd, struct buffer *out, struct error *error)
{
    for (;;) {
        buffer_reserve(out, 65536);
        ssize_t got = recv(fd, out->data + out->size, out->capacity - out->size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(error, "the running lnode did not answer");
        if (got == 0)
            return true;
        out->size += (size_t)got;
        if (out->size > ANSWER_SIZE_MAX)
            return error_set(error, ERROR_INVALID, "the running lnode answered too much");
    }
}

static bool take_answer(struct buffer *raw, struct buffer *answer, struct error *error)
{
    uint8_t *end = raw->size == 0 ? NULL : memchr(raw->data, '\n', raw->size);
    if (end == NULL)
        return error_set(error, ERROR_INVALID, "the running lnode gave no answer");
    *end = '\0';
    if (strncmp((const char *)raw->data, "error ", 6) == 0)
        return error_set(error, ERROR_INVALID, "%s", (const char *)raw->data + 6);
    size_t head = (size_t)(end - raw->data) + 1;
    buffer_append(answer, raw->data + head, raw->size - head);
    return true;
}

bool control_ask(const char *data_dir, const char *request, struct buffer *answer,
                 struct error *error)
{
    struct sockaddr_un place;
    struct buffer raw = {0};
    int fd = -1, folder_fd = -1;
    bool ok = open_socket(data_dir, &fd, &place, &folder_fd, error);

    if (ok) {
        set_patience(fd, ASK_PATIENCE_S);
        if (connect(fd, (struct sockaddr *)&place, sizeof place) != 0)
            ok = error_set(error, ERROR_NOT_FOUND, "no lnode answers in %.200s", data_dir);
        else
            ok = (send_all(fd, bytes_of_text(request)) && send_all(fd, bytes_of_text("\n"))
                  && receive_all(fd, &raw, error) && take_answer(&raw, answer, error));
    }
    if (fd >= 0)
        close(fd);
    if (folder_fd >= 0)
        close(folder_fd);
    buffer_cleanup(&raw);
    return ok;
}
