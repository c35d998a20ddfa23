/* A process that talks to routers gives up what it does not need: no file can be opened, no program
 * started, no other process reached, no new kind of socket made; memory and descriptors are few. What
 * is forbidden fails with EPERM. For the rest of its life; only open descriptors stay. */
#ifndef NODE_REACH_SANDBOX_H
#define NODE_REACH_SANDBOX_H
#include "vm/base/error.h"

/* False where the system does not let us: then nothing was promised. */
bool sandbox_enter(struct error *error) __attribute__((warn_unused_result));
#endif
