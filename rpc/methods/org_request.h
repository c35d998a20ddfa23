/* The object org_create takes, checked member by member. */
#ifndef RPC_METHODS_ORG_REQUEST_H
#define RPC_METHODS_ORG_REQUEST_H
#include "rpc/call.h"

/* False after call_fail(). A missing label is made from the name. */
bool org_request_read(struct call *call, const json_t *json, struct org_request *request);
#endif
