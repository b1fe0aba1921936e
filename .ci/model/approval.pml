/* The approval of one item: an author who may edit at any time, two reviewers, two leaders, two publishers.
   As the product does it, a decision binds to the revision that its maker saw. With -DNAIVE approval is a mere status
   flag: an edit slips in while the flag stays, and the wrong revision is published. */
#define MAXREV 3
#ifdef NAIVE
#define BOUND(condition) true
#else
#define BOUND(condition) (condition)
#endif

mtype = { DRAFT, REVIEW, APPROVAL, APPROVED, PUBLISHED, WITHDRAWN };
mtype st = DRAFT;
byte rev = 1;        /* current revision of the item */
byte revRev = 0;     /* revision that the reviewer passed */
byte appRev = 0;     /* revision that the leader approved */
byte pubRev = 0;     /* revision on the portal */
byte npub = 0;       /* how many portal writes */
byte drafter = 1;
byte reviewer = 0;
byte approver = 0;
bool okRev[5];       /* revision r was passed and approved as such */

proctype Drafter() {
  do
  :: atomic { (st == DRAFT) -> st = REVIEW }
  :: atomic {
       (rev < MAXREV && st != PUBLISHED && st != WITHDRAWN) ->
#ifdef NAIVE
       rev++
#else
       rev++; st = DRAFT; revRev = 0; appRev = 0; reviewer = 0; approver = 0
#endif
     }
  :: (st == PUBLISHED) -> break
  :: timeout -> break
  od
}

proctype Reviewer(byte id) {
  byte seen;
  do
  :: (st == REVIEW) -> seen = rev;     /* opens the page */
     if
     :: atomic {
          (st == REVIEW && id != drafter && BOUND(rev == seen)) ->
          revRev = seen; reviewer = id; st = APPROVAL
        }
     :: skip
     fi
  :: (st == PUBLISHED) -> break
  :: timeout -> break
  od
}

proctype Leader(byte id) {
  byte seen;
  do
  :: (st == APPROVAL) -> seen = rev;
     if
     :: atomic {
          (st == APPROVAL && id != drafter && id != reviewer && BOUND(rev == seen && revRev == seen)) ->
          appRev = seen; approver = id; st = APPROVED;
          if
          :: (revRev == seen) -> okRev[seen] = true
          :: else -> skip
          fi
        }
     :: skip
     fi
  :: (st == PUBLISHED) -> break
  :: timeout -> break
  od
}

proctype Publisher() {
  byte snap;
  do
  :: (st == APPROVED) -> snap = rev;   /* reads what it will push: the window between check and use */
     if
     :: atomic {
          (st == APPROVED && BOUND(appRev == snap && revRev == snap && rev == snap)) ->
#ifdef NAIVE
          pubRev = rev;
#else
          pubRev = snap;
#endif
          npub++; st = PUBLISHED
        }
     :: skip
     fi
  :: (st == PUBLISHED) -> break
  :: timeout -> break
  od
}

init {
  atomic {
    run Drafter();
    run Reviewer(2); run Reviewer(3);
    run Leader(3); run Leader(4);
    run Publisher(); run Publisher()
  }
}

ltl safe { [] ((pubRev != 0) -> okRev[pubRev]) }
ltl once { [] (npub <= 1) }
ltl sod  { [] ((pubRev != 0) -> (reviewer != drafter && approver != drafter && approver != reviewer)) }
