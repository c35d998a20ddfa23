/* Each rule of the engine by name, so that a build of the tests can leave one out and see that
 * the simulator notices (tests/sim). In every other build all of them are 1. */
#ifndef NODE_CONSENSUS_RULE_H
#define NODE_CONSENSUS_RULE_H
#ifndef RULE_R0_NOTHING_FINAL
#define RULE_R0_NOTHING_FINAL 1
#endif
#ifndef RULE_R1_ONCE
#define RULE_R1_ONCE 1
#endif
#ifndef RULE_R1_SKIPPED_VIEWS
#define RULE_R1_SKIPPED_VIEWS 1
#endif
#ifndef RULE_R2_NOT_AFTER_FINALIZE
#define RULE_R2_NOT_AFTER_FINALIZE 1
#endif
#ifndef RULE_R3_NOT_AFTER_NULLIFY
#define RULE_R3_NOT_AFTER_NULLIFY 1
#endif
#ifndef RULE_R7_MARK
#define RULE_R7_MARK 1
#endif
#ifndef RULE_R7_LOG
#define RULE_R7_LOG 1
#endif
#ifndef RULE_REPROPOSE
#define RULE_REPROPOSE 1
#endif
#ifndef RULE_RESEND
#define RULE_RESEND 1
#endif
#endif
