#include "base/comm.h"

#include <criterion/criterion.h>
#include <math.h>

/* Every row is somebody's own, in order of rank; weights add up to the ranks, and each row counts as
 * much as any other. */
Test(share, every_row_once_and_alike) {
  for (int64_t total = 1; total <= 9; total++)
    for (int ranks = 1; ranks <= 13; ranks++) {
      double weights = 0, of_row[9] = {0};
      int64_t next = 0;
      int holders[9] = {0};
      for (int r = 0; r < ranks; r++) {
        const mg_share s = mg_share_of(total, r, ranks);
        cr_assert(s.count >= 1 && s.first + s.count <= total);
        cr_assert(s.count == total / ranks || s.count == total / ranks + 1);
        if (s.own) {
          cr_assert(s.first == next, "%d of %d", r, ranks);
          next += s.count;
        }
        weights += mg_share_weight(&s);
        for (int64_t k = 0; k < s.count; k++) {
          of_row[s.first + k] += mg_share_weight(&s) / (double)s.count;
          holders[s.first + k]++;
        }
      }
      cr_assert(next == total && fabs(weights - ranks) < 1e-9);
      for (int64_t k = 0; k < total; k++) {
        cr_assert(fabs(of_row[k] - (double)ranks / (double)total) < 1e-9);
        const mg_share s = mg_share_of(total, (int)(k < ranks ? k : 0), ranks);
        if (ranks > total) cr_assert(s.copies == holders[k]);
      }
    }
}

Test(share, the_first_ones_have_one_more) {
  static const int64_t first[] = {0, 3, 6, 8}, count[] = {3, 3, 2, 2};
  for (int r = 0; r < 4; r++) {
    const mg_share s = mg_share_of(10, r, 4);
    cr_assert(s.first == first[r] && s.count == count[r] && s.copies == 1 && s.own);
  }
  const mg_share copy = mg_share_of(2, 3, 5);
  cr_assert(copy.first == 1 && copy.count == 1 && copy.copies == 2 && !copy.own);
  cr_assert(mg_share_of(2, 4, 5).copies == 3);
}

/* Where all are alike exactly 1, so that nothing is scaled, and totals are divided as whole numbers are. */
Test(share, alike_is_exact) {
  for (int ranks = 1; ranks <= 48; ranks++) {
    const mg_share many = mg_share_of(3 * ranks, ranks - 1, ranks);
    cr_assert(mg_share_weight(&many) == 1);
    cr_assert(mg_share_part(&many, 1000) == 1000 / ranks);
    const mg_share few = mg_share_of(1, ranks - 1, ranks);
    cr_assert(mg_share_weight(&few) == 1 && mg_share_part(&few, 1000) == 1000 / ranks);
  }
  const mg_share s = mg_share_of(5, 1, 2);
  cr_assert(mg_share_part(&s, 100) == 40 && mg_share_part(&s, 1) == 1);
}

Test(share, overlap) {
  const mg_share s = mg_share_of(10, 1, 4); /* 3, 4, 5 */
  int64_t from;
  cr_assert(mg_share_overlap(&s, 0, 10, &from) == 3 && from == 3);
  cr_assert(mg_share_overlap(&s, 5, 5, &from) == 1 && from == 5);
  cr_assert(mg_share_overlap(&s, 4, 1, &from) == 1 && from == 4);
  cr_assert(mg_share_overlap(&s, 6, 2, &from) == 0);
  cr_assert(mg_share_overlap(&s, 0, 3, &from) == 0);
}

/* What ranks before each of them have of all speed: with 1 : 2 : 5, and where the last one has nearly nothing. */
static const double reaches[][4] = {{0, 0.125, 0.375, 1}, {0, 0.5, 0.999, 1}};

Test(share, goes_by_speed) {
  mg_comm comm = {.size = 3, .reach = reaches[0]};
  static const int64_t count[] = {1 + 10, 1 + 19,
                                  1 + 48}; /* of 77 more than one each: 9.6, 19.3, 48.1 */
  for (int r = 0; r < 3; r++) cr_expect_eq(mg_comm_share(&comm, 80, r).count, count[r], "%d", r);
  for (int k = 0; k < 2; k++)
    for (int64_t total = 1; total < 200; total++) {
      comm.reach = reaches[k];
      int64_t next = 0;
      double weight = 0;
      for (int r = 0; r < 3; r++) {
        const mg_share s = mg_comm_share(&comm, total, r), even = mg_share_of(total, r, 3);
        weight += mg_share_weight(&s);
        if (total <= 3) { /* a row each, or copies: nothing to share out */
          cr_assert(s.first == even.first && s.count == even.count && s.copies == even.copies);
          continue;
        }
        cr_assert(s.first == next && s.count >= 1 && s.copies == 1 && s.own);
        cr_assert(fabs((double)s.count - 1 -
                       (double)(total - 3) * (comm.reach[r + 1] - comm.reach[r])) <= 1);
        next += s.count;
      }
      cr_assert(total <= 3 || next == total);
      cr_assert_float_eq(weight, 3, 1e-12);
    }
  comm.reach = NULL;
  cr_assert(mg_comm_share(&comm, 80, 0).count == 27);
}

/* Against every rank's share by itself. */
static void rows_lie_together(const mg_comm *comm, int64_t least_total) {
  enum { COUNT = 5, SIZE = 3 };
  char bytes[COUNT * SIZE];
  const int ranks = comm->size;
  for (int64_t total = least_total; total <= least_total + 4; total++)
    for (int rank = 0; rank < ranks; rank++)
      for (int end = rank + 1; end <= ranks; end++)
        for (int owned = 0; owned < 2; owned++) {
          const mg_rows all = {
              .total = total, .first = total - COUNT, .count = COUNT, .size = SIZE, .bytes = bytes};
          const mg_rows part = mg_rows_of_ranks(comm, &all, rank, end, owned);
          int64_t least = total, most = -1;
          bool is_needed[32] = {false};
          for (int r = rank; r < end; r++) {
            const mg_share s = mg_comm_share(comm, total, r);
            if (owned && !s.own) continue;
            for (int64_t row = s.first; row < s.first + s.count; row++) {
              if (row < all.first) continue;
              is_needed[row] = true;
              least = row < least ? row : least;
              most = row > most ? row : most;
            }
          }
          if (most < 0) {
            cr_assert(part.count == 0 && !part.bytes);
            continue;
          }
          cr_assert(part.first <= least && part.first + part.count > most);
          cr_assert(part.bytes == bytes + (part.first - all.first) * SIZE);
          /* What is taken from others must be theirs alone. */
          for (int64_t row = part.first; owned && row < part.first + part.count; row++)
            cr_assert(is_needed[row]);
        }
}

Test(share, rows_of_several_ranks_lie_together) {
  for (int ranks = 1; ranks <= 14; ranks++) {
    const mg_comm comm = {.size = ranks};
    rows_lie_together(&comm, 5);
  }
  for (int k = 0; k < 2; k++) {
    const mg_comm comm = {.size = 3, .reach = reaches[k]};
    rows_lie_together(&comm, 5);
    rows_lie_together(&comm, 20);
  }
}
