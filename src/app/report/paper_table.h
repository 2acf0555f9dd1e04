/* The published results (experiments/paper.csv): lines that begin with # are comments, the first
 * other one is the header task,dataset_size,bc_mean,bc_sd,gail_mean,gail_sd,mgail_mean,mgail_sd. */
#ifndef MG_APP_REPORT_PAPER_TABLE_H
#define MG_APP_REPORT_PAPER_TABLE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { MG_PAPER_METHODS = 3, MG_PAPER_ROWS_MAX = 256 };
extern const char *const mg_paper_methods[MG_PAPER_METHODS]; /* bc, gail, mgail */

typedef struct mg_paper {
  int rows;
  struct {
    char task[32]; /* an id, or without version: "Hopper" */
    int64_t trajectories;
    double mean[MG_PAPER_METHODS], sd[MG_PAPER_METHODS];
  } row[MG_PAPER_ROWS_MAX];
} mg_paper;

/* path NULL: the installed file, else that of the source tree; no rows where neither is there.
 * MG_ERR_NO_INPUT, MG_ERR_DATA with file and line. */
mg_status mg_paper_read(const char *path, mg_paper *paper);

/* False if the paper has no such figure. env_id: "Hopper-v4"; method: of methods.h, which
 * says whose figure of the paper is its. */
bool mg_paper_find(const mg_paper *paper, const char *env_id, int64_t trajectories,
                   const char *method, double *mean, double *sd);

#endif
