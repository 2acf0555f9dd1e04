#include "app/render/stage.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const mg_colour WHITE = {255, 255, 255}, BLACK = {0, 0, 0}, EXPERT = {0, 158, 115},
                       IMITATOR = {213, 94, 0};
static const double SHADE = 0.6, DIM = 0.4;
enum { MARGIN = 5, TEXT_MAX = 128, SMALL = 300, LARGE = 480, STRIP_PART = 10, STRIP_LEAST = 16 };

/* ---- open ---- */

mg_status mg_stage_open(int actors, mg_actor *const *actor, int width, int height,
                        const char *camera, mg_stage *stage) {
  *stage = (mg_stage){.fields = actors};
  stage->columns = actors <= 3 ? actors : (int)ceil(sqrt(actors));
  stage->rows = (actors + stage->columns - 1) / stage->columns;
  stage->arena = mg_arena_create();
  if (!stage->arena) return mg_fail(MG_ERR_MEMORY, "no memory for pictures");
  for (int i = 0; i < actors; i++)
    stage->field[i] = (mg_field){
        .actor = actor[i], .picture = mg_picture_make(width, height, stage->arena), .shown = -1};
  stage->picture = mg_picture_make(stage->columns * width, stage->rows * height, stage->arena);
  MG_TRY(mg_arena_status(stage->arena));
  for (int i = 0; i < actors; i++)
    MG_TRY(mg_artist_create(actor[i]->env, width, height, camera, &stage->field[i].artist));
  return MG_OK;
}

void mg_stage_close(mg_stage *stage) {
  for (int i = 0; i < stage->fields; i++) mg_artist_destroy(stage->field[i].artist);
  mg_arena_destroy(stage->arena);
  *stage = (mg_stage){0};
}

/* ---- time ---- */

int mg_stage_fps(const mg_stage *stage) {
  int most = 1;
  for (int i = 0; i < stage->fields; i++)
    if (stage->field[i].artist->fps > most) most = stage->field[i].artist->fps;
  return most;
}

/* From the first state to the last. */
static int64_t pictures_of(const mg_field *f, int fps) {
  const int64_t rate = f->artist->fps;
  return (f->actor->take.steps * fps + rate - 1) / rate + 1;
}

int64_t mg_stage_pictures(const mg_stage *stage, int fps) {
  int64_t most = 1;
  for (int i = 0; i < stage->fields; i++) {
    const int64_t n = pictures_of(&stage->field[i], fps);
    if (n > most) most = n;
  }
  return most;
}

void mg_stage_begin(mg_stage *stage, int64_t episode) {
  stage->episode = episode;
  for (int i = 0; i < stage->fields; i++) stage->field[i].shown = -1;
}

/* ---- what is written ---- */

/* Lines of text in the upper left corner, which leave most of the picture free. */
static void put_lines(mg_picture *p, int lines, char line[][TEXT_MAX]) {
  const mg_font *font = p->height < SMALL ? &mg_font_small : &mg_font_large;
  const int scale = p->height >= 2 * LARGE ? p->height / LARGE : 1;
  const int step = scale * font->height, margin = scale * MARGIN;
  int width = 0;
  for (int i = 0; i < lines; i++) {
    const int w = mg_text_width(font, scale, line[i]);
    if (w > width) width = w;
  }
  mg_picture_box(p, 0, 0, width + 2 * margin, lines * step + 2 * margin, BLACK, SHADE);
  for (int i = 0; i < lines; i++)
    mg_picture_text(p, margin, margin + i * step, font, scale, WHITE, line[i]);
}

/* D of the last steps, the newest at the right: a column for each, as high as D; half of it is a
 * line. */
static void put_opinions(mg_picture *p, const mg_take *take, int64_t t) {
  const int height = p->height / STRIP_PART > STRIP_LEAST ? p->height / STRIP_PART : STRIP_LEAST;
  const int top = p->height - height, column = p->width >= LARGE ? 2 : 1;
  mg_picture_box(p, 0, top, p->width, height, BLACK, SHADE);
  for (int x = p->width - column; x >= 0 && t > 0; x -= column, t--) {
    const double opinion = take->opinion[t];
    const int high = (int)lround(opinion * height);
    mg_picture_box(p, x, p->height - high, column, high, opinion >= 0.5 ? EXPERT : IMITATOR, 1);
  }
  mg_picture_box(p, 0, p->height - height / 2, p->width, 1, WHITE, SHADE);
}

static void put_texts(const mg_field *f, int64_t episode, mg_picture *p) {
  const mg_take *take = &f->actor->take;
  const int64_t t = f->shown;
  char line[5][TEXT_MAX];
  int lines = 0;
  snprintf(line[lines++], TEXT_MAX, "%s  %s", f->actor->label, mg_env_get_spec(f->actor->env)->id);
  if (episode >= 0) snprintf(line[lines++], TEXT_MAX, "episode %" PRId64, episode);
  snprintf(line[lines++], TEXT_MAX, "step %" PRId64 "%s", t,
           t < take->steps    ? ""
           : take->terminated ? ", terminated"
                              : ", time limit");
  if (take->returns) snprintf(line[lines++], TEXT_MAX, "return %.2f", take->returns[t]);
  if (take->opinion && t > 0) snprintf(line[lines++], TEXT_MAX, "D %.3f", take->opinion[t]);
  if (take->opinion) put_opinions(p, take, t);
  put_lines(p, lines, line);
}

/* ---- a moment ---- */

/* The step that picture k shows of a field: at its own rate, and its last for ever. */
static int64_t step_at(const mg_field *f, int64_t k, int fps) {
  const int64_t t = k * f->artist->fps / fps, last = f->actor->take.steps;
  return t < last ? t : last;
}

/* Draws the field anew if it shows something else. */
static mg_status show_field(mg_field *f, int64_t t, int64_t episode, bool dim) {
  if (t == f->shown && dim == f->dim) return MG_OK;
  const size_t nq = (size_t)mg_env_get_spec(f->actor->env)->qpos_size;
  MG_TRY(mg_artist_draw(f->artist, f->actor->take.qpos + (size_t)t * nq, &f->picture));
  f->shown = t;
  f->dim = dim;
  if (dim) mg_picture_box(&f->picture, 0, 0, f->picture.width, f->picture.height, BLACK, DIM);
  put_texts(f, episode, &f->picture);
  return MG_OK;
}

static void describe(const mg_field *f, char *about, size_t size) {
  const size_t used = strlen(about);
  snprintf(about + used, size - used, "%s%s %s: step %" PRId64, used ? "\n" : "", f->actor->label,
           mg_env_get_spec(f->actor->env)->id, f->shown);
  const size_t more = strlen(about);
  if (f->actor->take.returns)
    snprintf(about + more, size - more, ", return %.17g", f->actor->take.returns[f->shown]);
}

mg_status mg_stage_show(mg_stage *stage, int64_t k, int fps, char *about, size_t size) {
  about[0] = 0;
  const int64_t pictures = mg_stage_pictures(stage, fps);
  for (int i = 0; i < stage->fields; i++) {
    mg_field *f = &stage->field[i];
    const int64_t t = step_at(f, k, fps);
    const bool over = t == f->actor->take.steps && pictures_of(f, fps) < pictures;
    MG_TRY(show_field(f, t, stage->episode, over));
    mg_picture_put(&f->picture, i % stage->columns * f->picture.width,
                   i / stage->columns * f->picture.height, &stage->picture);
    describe(f, about, size);
  }
  return MG_OK;
}
