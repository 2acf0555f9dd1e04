/* The picture of a moment: one field for each actor, side by side in rows, with what there is to say
 * written on it. */
#ifndef MG_RENDER_STAGE_H
#define MG_RENDER_STAGE_H

#include "app/render/actor.h"
#include "app/render/draw/artist.h"

enum { MG_STAGE_MAX = 16 };

typedef struct mg_field {
  mg_actor *actor;
  mg_artist *artist;
  mg_picture picture;
  int64_t shown; /* step that the picture shows; -1: none of this episode */
  bool dim;      /* it does so dimmed: its episode is over before that of another */
} mg_field;

typedef struct mg_stage {
  int fields, columns, rows;
  mg_field field[MG_STAGE_MAX];
  int64_t episode;    /* shown; -1: none */
  mg_picture picture; /* all of them */
  mg_arena *arena;
} mg_stage;

/* Fields of width x height for these actors, who stay the caller's. camera as in artist.h. The
 * caller closes it, also after a failure. */
mg_status mg_stage_open(int actors, mg_actor *const *actor, int width, int height,
                        const char *camera, mg_stage *stage);
void mg_stage_close(mg_stage *stage);

/* Pictures a second in which no field leaves out a step. */
int mg_stage_fps(const mg_stage *stage);

/* Pictures of the takes at hand at so many a second, from the first state to the last. */
int64_t mg_stage_pictures(const mg_stage *stage, int fps);

/* The actors have new takes, of this episode; -1: its number is not shown. */
void mg_stage_begin(mg_stage *stage, int64_t episode);

/* stage->picture <- picture k of them; `about` [size] <- the same in words, a line for each field, with
 * returns to the last digit. */
mg_status mg_stage_show(mg_stage *stage, int64_t k, int fps, char *about, size_t size);

#endif
