#include "node/doctor/measure.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/node/temporary.h"

Test(doctor_measure, leaves_nothing_where_it_times_the_disk)
{
    char *folder = temporary_folder();
    struct disk_room room;
    struct disk_sync sync;
    struct error error;

    cr_assert(measure_disk_room(&room, folder, &error), "%s", error.text);
    cr_expect(room.free_bytes <= room.size_bytes && room.size_bytes > 0);
    cr_assert(measure_disk_sync(&sync, folder, &error), "%s", error.text);
    cr_expect(sync.median_us <= sync.worst_us);
    cr_expect(dir_is_empty(folder));
    temporary_remove(folder);
}

Test(doctor_measure, says_why_it_could_not_write)
{
    struct disk_room room;
    struct disk_sync sync;
    struct error error;

    cr_expect_not(measure_disk_sync(&sync, "/proc", &error));
    cr_expect(strstr(error.text, "could not write in /proc") != NULL, "%s", error.text);
    cr_expect_not(measure_disk_room(&room, "/proc/nothing", &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}

Test(doctor_measure, tells_a_free_port_from_a_taken_one)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert(bind(fd, (struct sockaddr *)&place, size) == 0 && listen(fd, 1) == 0
              && getsockname(fd, (struct sockaddr *)&place, &size) == 0);
    cr_expect_eq(measure_port("127.0.0.1", ntohs(place.sin_port)), PORT_TAKEN);
    close(fd);
    cr_expect_eq(measure_port("127.0.0.1", ntohs(place.sin_port)), PORT_FREE);
    cr_expect_eq(measure_port("192.0.2.7", ntohs(place.sin_port)), PORT_NO_ADDRESS);
    cr_expect_eq(measure_port("box.lan", 1), PORT_UNKNOWN);
}

Test(doctor_measure, reads_what_the_system_tells_of_a_process)
{
    cr_expect_eq(measure_descriptors((int)getpid()), measure_descriptors(0));
    cr_expect(measure_resident((int)getpid()) > 100000);
    cr_expect_eq(measure_resident(-1), 0);
    cr_expect(measure_memory_available() > 0);
}

Test(doctor_measure, finds_the_loopback_interface)
{
    struct network_facts facts;
    measure_network(&facts);
    cr_expect(facts.count[ADDRESS_LOOPBACK] > 0);
    cr_expect(facts.example[ADDRESS_LOOPBACK][0] != '\0');
}

static const uint8_t here[4] = {127, 0, 0, 1};

/* A router that answers once, with that; what it makes of a question of NAT-PMP. */
static enum router_answer answer_of(const uint8_t *reply, size_t size, struct router_facts *facts)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t place_size = sizeof place;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    cr_assert(bind(fd, (struct sockaddr *)&place, place_size) == 0
              && getsockname(fd, (struct sockaddr *)&place, &place_size) == 0);
    pid_t router = fork();
    if (router == 0) {
        uint8_t asked[16];
        struct sockaddr_in from;
        socklen_t from_size = sizeof from;
        bool ok = recvfrom(fd, asked, sizeof asked, 0, (struct sockaddr *)&from, &from_size) == 2
                  && asked[0] == 0 && asked[1] == 0
                  && sendto(fd, reply, size, 0, (struct sockaddr *)&from, from_size) >= 0;
        pause();
        _exit(ok ? 0 : 1);
    }
    measure_router(facts, here, ntohs(place.sin_port));
    kill(router, SIGKILL);
    waitpid(router, NULL, 0);
    close(fd);
    return facts->answer;
}

Test(doctor_measure, asks_the_router_for_its_address, .timeout = 60)
{
    static const uint8_t told[12] = {0, 128, 0, 0, 0, 0, 0, 9, 198, 51, 100, 7};
    static const uint8_t refused[8] = {0, 128, 0, 2}, pcp[24] = {2, 0x81, 0, 1};
    struct router_facts facts;

    cr_expect_eq(answer_of(told, sizeof told, &facts), ROUTER_TOLD);
    cr_expect_arr_eq(facts.outside, told + 8, 4);
    cr_expect_arr_eq(facts.gateway, here, 4);
    cr_expect_eq(answer_of(refused, sizeof refused, &facts), ROUTER_REFUSED);
    cr_expect_eq(answer_of(pcp, sizeof pcp, &facts), ROUTER_SPEAKS_PCP);
    cr_expect_eq(answer_of(told, 11, &facts), ROUTER_SILENT);
}
