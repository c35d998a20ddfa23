#include "node/reach/port_map.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/log.h"

struct port_map {
    struct port_map_config config;
    struct mapping mapping;
    pid_t pid;
    int fd; /* to the helper; negative: it is to be started again */
    bool is_lost;
    uint8_t message[MAPPING_BYTES]; /* what came of one */
    size_t size;
    struct loop_watch *watch;
    struct loop_timer *timer;
};

static bool spawn(struct port_map *map, int helper_fd, struct error *error)
{
    const char *program = map->config.program == NULL ? "/proc/self/exe" : map->config.program;
    char port[8], name[] = "lnode", command[] = "port-helper", *environment[] = {NULL};
    char *router = map->config.router == NULL ? NULL : strdup(map->config.router);
    char *arguments[] = {name, command, port, router, NULL};
    posix_spawn_file_actions_t actions;

    snprintf(port, sizeof port, "%u", map->config.port);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, helper_fd, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, helper_fd, STDOUT_FILENO);
    int failed = posix_spawn(&map->pid, program, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    free(router);
    return failed == 0
           || error_set(error, ERROR_IO, "could not start the helper that asks the router: %s",
                        strerror(failed));
}

static void on_helper(void *arg);

static bool start_helper(struct port_map *map, struct error *error)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set_errno(error, "could not make a way to the helper");
    bool ok = spawn(map, ends[1], error);
    close(ends[1]);
    if (!ok) {
        close(ends[0]);
        return false;
    }
    map->fd = ends[0];
    map->size = 0;
    map->is_lost = false;
    map->watch = loop_watch_new(map->config.loop, map->fd, on_helper, map);
    return true;
}

static void end_helper(struct port_map *map)
{
    loop_watch_free(map->watch);
    map->watch = NULL;
    close(map->fd);
    map->fd = -1;
    kill(map->pid, SIGKILL);
    waitpid(map->pid, NULL, 0);
}

static void change(struct port_map *map, const struct mapping *mapping)
{
    bool is_news = !mapping_equal(&map->mapping, mapping);
    map->mapping = *mapping;
    if (is_news)
        map->config.on_change(map->config.arg, mapping);
}

/* ---- The timer: a helper that is lost is ended, and started again after a pause ------------- */

static void on_timer(void *arg)
{
    const struct mapping searching = {.state = MAPPING_SEARCHING};
    struct port_map *map = arg;
    struct error error;

    if (map->is_lost) {
        end_helper(map);
        map->is_lost = false;
        loop_timer_set(map->timer, map->config.pause_ms);
        change(map, &searching);
    } else if (!start_helper(map, &error)) {
        log_write(LOG_WARN, "port: %s", error.text);
        loop_timer_set(map->timer, map->config.pause_ms);
    }
}

static void lose(struct port_map *map, const char *why)
{
    if (map->is_lost)
        return;
    log_write(LOG_WARN, "port: lost the helper that asks the router, why=%s", why);
    map->is_lost = true;
    loop_timer_set(map->timer, 0); /* not inside the watch's own callback */
}

/* ---- Messages ------------------------------------------------------------------------------ */

static void on_helper(void *arg)
{
    struct port_map *map = arg;
    struct mapping mapping;
    ssize_t got = map->is_lost ? 0
                               : recv(map->fd, map->message + map->size,
                                      sizeof map->message - map->size, MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        lose(map, "it ended");
        return;
    }
    map->size += (size_t)got;
    if (map->size < sizeof map->message)
        return;
    map->size = 0;
    if (mapping_decode(&mapping, bytes_of(map->message, sizeof map->message)))
        change(map, &mapping);
    else
        lose(map, "it spoke nonsense");
}

/* ---- Life ---------------------------------------------------------------------------------- */

struct port_map *port_map_start(const struct port_map_config *config, struct error *error)
{
    struct port_map *map = memory_new_zeroed(1, sizeof *map);

    map->config = *config;
    if (config->pause_ms == 0)
        map->config.pause_ms = PORT_MAP_PAUSE_MS;
    map->fd = -1;
    if (!start_helper(map, error)) {
        free(map);
        return NULL;
    }
    map->timer = loop_timer_new(config->loop, on_timer, map);
    return map;
}

const struct mapping *port_map_now(const struct port_map *map)
{
    return &map->mapping;
}

void port_map_stop(struct port_map *map)
{
    if (map == NULL)
        return;
    loop_watch_free(map->watch);
    loop_timer_free(map->timer);
    if (map->fd >= 0) {
        close(map->fd);
        waitpid(map->pid, NULL, WNOHANG);
    }
    free(map);
}
