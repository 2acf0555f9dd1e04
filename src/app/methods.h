/* The methods that collections and reports tell apart: one row each, in the order of the reports. A
 * method is an algorithm, or an algorithm with certain settings. */
#ifndef MG_APP_METHODS_H
#define MG_APP_METHODS_H

#include <stdbool.h>

typedef struct mg_method {
  const char *name;       /* in collections, tables and figures; "" ends the table */
  const char *algorithm;  /* run.algorithm; NULL: any whose row is `controlled` */
  const char *setting[2]; /* "section.key=value", each of which a run of this method has; NULL */
  const char *paper;      /* its column of the published results; NULL: none */
  const char *colour;     /* "#0072b2": of Okabe and Ito's palette, for all kinds of eyes */
  bool imitates;          /* so that demonstrations, and how many of them, mean something */
  bool takes_steps;       /* of the environment, while it learns */
  bool control;           /* knows nothing of the expert: what the others' scores are to be above */
  bool controlled;        /* stands beside the control */
} mg_method;

/* The last row, whose name is "", has what is taken of a method that is not in the table. */
extern const mg_method mg_methods[];

/* Never NULL. */
const mg_method *mg_method_named(const char *name);

/* Of a run with this algorithm and these settings, lines "section.key=value\n": of the rows that
 * fit the last. Never NULL. */
const mg_method *mg_method_of_run(const char *algorithm, const char *settings);

#endif
