/* The methods that collections and reports tell apart: one row each, in the order of the reports. A
 * method is an algorithm, or an algorithm with certain settings. */
#ifndef MG_APP_METHODS_H
#define MG_APP_METHODS_H

#include <stdbool.h>

enum {
  MG_METHOD_IMITATES = 1,  /* demonstrations, and how many of them, mean something */
  MG_METHOD_STEPS = 2,     /* takes steps of the environment while it learns */
  MG_METHOD_CONTROL = 4,   /* knows nothing of the expert: */
  MG_METHOD_CONTROLLED = 8 /* the methods that it stands beside */
};

typedef struct mg_method {
  const char *name;       /* in collections, tables and figures; "" ends the table */
  const char *algorithm;  /* run.algorithm; NULL: any whose row is controlled */
  const char *setting[2]; /* "section.key=value" that a run of this method has; NULL: none */
  const char *paper;      /* its column of the published results; NULL: none */
  const char *sections;   /* of its settings, those that it reads, between spaces; NULL: all */
  const char *colour;     /* "#0072b2": of Okabe and Ito's palette, for all kinds of eyes */
  int is;                 /* MG_METHOD_... */
} mg_method;

/* The last row, whose name is "", has what is taken of a method that is not in the table. */
extern const mg_method mg_methods[];

/* Never NULL; whether it is all of `what` (MG_METHOD_...). */
const mg_method *mg_method_named(const char *name);
bool mg_method_is(const char *name, int what);

/* Of a run with this algorithm and these settings, lines "section.key=value\n": of the rows that
 * fit the last. Never NULL. */
const mg_method *mg_method_of_run(const char *algorithm, const char *settings);

#endif
