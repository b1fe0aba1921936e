/* One item, and one party away for good (-DABSENT=n). From every state that is not final somebody must be able to go on. Closed
   items may rest: nobody reads them and nothing is shown. */
#ifndef ABSENT
#define ABSENT 0
#endif
#define HAS(p) (ABSENT != p)
#define AUTHOR 1
#define HEAD 2
#define REVIEWER 3
#define SIGNER 4
#define LEADER 5
#define PRINCIPAL 6
#define PUBLISHER 7
#define OFFICER 8
mtype = { DRAFT, SCAN, UNIT, SEC, CTS, REF, LEAD, CHIEF, APPR, REG, SCHED, PUB, SUSP, RET, FINAL, CLOSED };
mtype st = DRAFT;
bool claimed; /* by one who is not here any more; it lapses */
#define UNITS (HAS(AUTHOR) || HAS(HEAD))

active proctype Item() {
  do
  :: st == DRAFT || st == RET -> if :: HAS(AUTHOR) -> st = SCAN :: UNITS -> st = FINAL fi   /* submit; cancel by author or head */
  :: (st == DRAFT || st == RET) && HAS(HEAD) -> skip                                        /* reassign */
  :: st == SCAN -> if :: st = UNIT :: st = RET :: st = CLOSED fi
  :: st == UNIT && HAS(HEAD) -> if :: st = SEC :: st = RET fi
  :: (st == UNIT || st == SEC || st == LEAD || st == CHIEF) && HAS(AUTHOR) -> st = DRAFT
  :: (st == UNIT || st == SEC || st == CTS || st == LEAD || st == CHIEF || st == APPR || st == REG || st == SCHED) && UNITS -> st = FINAL
  :: st == SEC && HAS(REVIEWER) && !claimed -> if :: st = LEAD :: st = RET :: st = FINAL :: st = REF :: st = CTS :: st = CLOSED fi
  :: st == SEC && HAS(REVIEWER) && !claimed -> claimed = true
  :: claimed -> claimed = false
  :: st == CTS && HAS(SIGNER) -> st = SEC
  :: st == CTS && HAS(REVIEWER) -> st = SEC
  :: st == REF && HAS(OFFICER) -> if :: st = SEC :: st = FINAL :: st = CLOSED fi
  :: st == REF && !HAS(OFFICER) -> st = CLOSED
  :: st == LEAD && (HAS(LEADER) || HAS(PRINCIPAL)) -> if :: st = CHIEF :: st = APPR :: st = RET :: st = FINAL :: st = REF fi
  :: st == CHIEF && HAS(PRINCIPAL) -> if :: st = APPR :: st = RET :: st = FINAL fi
  :: st == APPR && HAS(PUBLISHER) -> if :: st = REG :: st = RET fi
  :: st == REG && HAS(PUBLISHER) -> if :: st = SCHED :: st = PUB :: st = RET fi
  :: st == SCHED -> if :: st = PUB :: HAS(PUBLISHER) -> st = REG fi
  :: st == PUB -> if :: st = FINAL :: (HAS(PUBLISHER) || HAS(REVIEWER) || HAS(LEADER) || HAS(PRINCIPAL)) -> st = SUSP fi
  :: st == SUSP && (HAS(LEADER) || HAS(PRINCIPAL)) -> if :: st = FINAL :: st = SEC fi
  :: st == FINAL || st == CLOSED -> break
  od
}
