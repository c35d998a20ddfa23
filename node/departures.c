#include "node/departures.h"

#include <stddef.h>

void departures_begin(struct departures *departures, struct departure *departure, void *what)
{
    *departure = (struct departure){.what = what};
    if (departures->last == NULL)
        departures->first = departure;
    else
        departures->last->next = departure;
    departures->last = departure;
}

void *departures_take(struct departures *departures)
{
    struct departure *first = departures->first;
    if (first == NULL || !first->is_ready)
        return NULL;
    departures->first = first->next;
    if (departures->first == NULL)
        departures->last = NULL;
    return first->what;
}
