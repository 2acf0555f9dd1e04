/* A film of episodes: who plays, drawn picture by picture. */
#ifndef MG_RENDER_RENDER_H
#define MG_RENDER_RENDER_H

#include "app/render/actor.h"

typedef struct mg_render_request {
  const char *output, *camera; /* camera: NULL, the task's own */
  int64_t episode, episodes;   /* the first, and how many */
  int width, height;           /* of one actor's field */
  int fps;                     /* 0: the task's own, as far as the format goes */
  double seconds;              /* of an episode, from its start; 0: all of it */
} mg_render_request;

/* Films so many actors, and prints what each episode returned. MG_ERR_STOPPED, without a film, on a
 * request to stop (signals.h); else what actors, artists and film say. */
mg_status mg_render(const mg_render_request *request, int actors, mg_actor *const *actor,
                    mg_app *app);

#endif
