/* Two items, the parent 0 and its amendment 1, on one channel: the table of workflow/rules.go and the delivery behind it.
   Decisions bind to content and round; a channel refuses what is older than its last act; what takes the parent down takes the
   child along; a put waits for the removal of the other one. With -DNAIVE the child waits for nothing and nothing befalls it. */
mtype = { NO, DRAFT, SCAN, UNIT, SEC, CTS, REF, LEAD, CHIEF, APPR, REG, SCHED, PUB, SUSP, RET, REJ, CANC, WDR, EXP, SUP, SEALED };
mtype st[2];
byte c[2];               /* content of the present revision: 1 or 2 */
bool sec[2], app[2];     /* passed and approved in this round, on this content */
bool timer[2];           /* a timer of an older or of this round is in the queue */
byte live[2];            /* content on the channel */
byte put[2];             /* a put: 0 none, 1 wished, 2 under way */
bool rem[2];             /* a removal is wished */
byte gen[2], putGen[2], fence[2];
#define REVIEW(i) (st[i] == UNIT || st[i] == SEC || st[i] == CTS || st[i] == LEAD || st[i] == CHIEF)
#define BEFORE(i) (st[i] == DRAFT || st[i] == RET || st[i] == SCAN || REVIEW(i) || st[i] == APPR || st[i] == REG || st[i] == SCHED)
#define OK(i) (sec[i] && app[i])
#ifdef NAIVE
#define STANDS(i) true
#define GONE(i) true
#else
#define STANDS(i) (i == 0 || st[0] == PUB || st[0] == EXP)
#define GONE(i) (live[1-i] == 0 && put[1-i] != 2 && !rem[1-i])
#endif
#define MAXGEN 3

inline round(i) { sec[i] = false; app[i] = false }
inline hide(i) { if :: live[i] != 0 || put[i] != 0 -> rem[i] = true; if :: gen[i] < MAXGEN -> gen[i]++ :: else fi; if :: put[i] == 1 -> put[i] = 0 :: else fi :: else fi }
inline down(i, to) { hide(i); st[i] = to; round(i) }
inline kin(i, to) {
#ifndef NAIVE
  if
  :: i == 0 && to == SEALED && st[1] != NO && st[1] != SEALED -> down(1, SEALED)
  :: i == 0 && to == WDR && (BEFORE(1) || st[1] == SUSP) -> down(1, WDR)
  :: i == 0 && to == SUSP && (st[1] == APPR || st[1] == REG || st[1] == SCHED) -> down(1, SUSP)
  :: else
  fi
#else
  skip
#endif
}

proctype Item(byte i) {
end: do
  :: atomic { st[i] == DRAFT || st[i] == RET -> st[i] = SCAN }
  :: atomic { st[i] == DRAFT || st[i] == RET -> c[i] = 3 - c[i]; round(i) }
  :: atomic { st[i] == SCAN -> if :: st[i] = UNIT :: st[i] = RET; round(i) fi }
  :: atomic { REVIEW(i) && st[i] != CTS -> st[i] = DRAFT; round(i) }                      /* recall */
  :: atomic { BEFORE(i) -> st[i] = CANC }
  :: atomic { st[i] == UNIT -> st[i] = SEC }
  :: atomic { st[i] == SEC -> st[i] = CTS }
  :: atomic { st[i] == CTS -> st[i] = SEC }                                               /* signed or dropped */
  :: atomic { st[i] == SEC || st[i] == LEAD -> st[i] = REF; round(i) }
  :: atomic { st[i] == REF -> if :: st[i] = SEC :: st[i] = REJ :: down(i, SEALED); kin(i, SEALED) fi }
  :: atomic { st[i] == SEC -> if :: sec[i] = true; st[i] = LEAD :: st[i] = REJ; round(i) fi }
  :: atomic { st[i] == LEAD && sec[i] -> if :: st[i] = CHIEF :: app[i] = true; st[i] = APPR fi }
  :: atomic { st[i] == CHIEF && sec[i] -> app[i] = true; st[i] = APPR }
  :: atomic { (REVIEW(i) && st[i] != CTS) || st[i] == APPR || st[i] == REG || st[i] == SCHED -> st[i] = RET; round(i) }
  :: atomic { st[i] == LEAD || st[i] == CHIEF -> st[i] = REJ; round(i) }                  /* deny */
  :: atomic { REVIEW(i) || st[i] == APPR || st[i] == REG || st[i] == SCHED -> st[i] = SEC; round(i) } /* important rescan */
  :: atomic { st[i] == APPR && OK(i) -> st[i] = REG }
  :: atomic { st[i] == REG && OK(i) -> st[i] = SCHED; timer[i] = true }
  :: atomic { st[i] == SCHED -> st[i] = REG }
  :: atomic { timer[i] && st[i] != SCHED -> timer[i] = false }                            /* fires after a return: nothing */
  :: atomic { ((st[i] == REG) || (st[i] == SCHED)) && OK(i) && STANDS(i) && put[i] == 0 && !rem[i] && gen[i] < MAXGEN ->
       st[i] = PUB; timer[i] = false; gen[i]++; put[i] = 1; putGen[i] = gen[i];
       if :: i == 1 && st[0] == PUB -> down(0, SUP) :: else fi }
  :: atomic { i == 0 && st[0] == PUB && st[1] == NO -> st[1] = DRAFT; c[1] = c[0] }       /* amend */
  :: atomic { st[i] == APPR || st[i] == REG || st[i] == SCHED || st[i] == PUB -> down(i, SUSP); kin(i, SUSP) }
  :: atomic { st[i] == SUSP && live[i] == 0 && put[i] == 0 && !rem[i] -> if :: st[i] = WDR; kin(i, WDR) :: st[i] = SEC; round(i) fi }
  :: atomic { st[i] == PUB -> down(i, WDR); kin(i, WDR) }
  :: atomic { st[i] == PUB || st[i] == REG || st[i] == SCHED -> down(i, EXP) }
  :: atomic { st[i] != NO && st[i] != SEALED -> down(i, SEALED); kin(i, SEALED) }
  :: atomic { st[i] == SEALED && (i == 0 || st[0] != SEALED) -> st[i] = SEC; round(i) }   /* unseal */
  /* delivery: begin, land or be refused; removal is a fence */
  :: atomic { put[i] == 1 && st[i] == PUB && OK(i) && GONE(i) -> put[i] = 2 }
  :: atomic { put[i] == 1 && st[i] != PUB -> put[i] = 0 }
  :: atomic { put[i] == 2 -> put[i] = 0; if :: putGen[i] > fence[i] -> live[i] = c[i]; fence[i] = putGen[i] :: else fi }
  :: atomic { rem[i] -> rem[i] = false; live[i] = 0; fence[i] = gen[i] }
  od
}

#define QUIET(i) (put[i] == 0 && !rem[i])
proctype Watch() {
  do
  :: atomic { live[0] != 0 && live[1] != 0 -> assert(false) }                             /* two versions */
  :: atomic { (live[0] != 0 && QUIET(0) && st[0] != PUB) || (live[1] != 0 && QUIET(1) && st[1] != PUB) -> assert(false) } /* a lost removal */
  :: atomic { (live[0] != 0 && st[0] == PUB && !OK(0)) || (live[1] != 0 && st[1] == PUB && !OK(1)) -> assert(false) } /* not approved */
  :: atomic { (st[0] == SEALED || st[0] == SUSP || st[0] == WDR) && st[1] == PUB -> assert(false) }
  :: atomic { st[0] == SUP && live[0] != 0 && QUIET(0) -> assert(false) }                 /* the parent again */
  od
}

init { atomic { st[0] = DRAFT; st[1] = NO; c[0] = 1; run Item(0); run Item(1); run Watch() } }
