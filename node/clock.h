/* The two clocks: wall time for block times and people, boot time for everything that waits
 * (it goes on during suspend and never jumps). */
#ifndef NODE_CLOCK_H
#define NODE_CLOCK_H
#include <stdint.h>

uint64_t clock_wall_ms(void); /* since 1970 */
uint64_t clock_boot_ms(void); /* since the machine started */
uint64_t clock_work_ns(void); /* for how long work took; stands still during suspend */
#endif
