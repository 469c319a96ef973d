/*
 * Lays out forests for walking: from a proved forest's nodes to its plan (model/plan.h).
 */
#ifndef PREDICT_PLANNER_H
#define PREDICT_PLANNER_H

#include "model/forest.h"

/*
 * Makes `forest->plan` from its nodes, which may be freed afterwards (forest_forget_nodes). Takes eight bytes a node
 * (twelve in the wide form), each different leaf once, and while it works eight bytes for each leaf, up to 48 for each
 * different one or two megabytes, and four for each node of the largest tree. False without memory; the forest is as it
 * was then, and predicts by its nodes.
 */
bool forest_plan(struct forest *forest, struct forestd_error *error);

#endif
