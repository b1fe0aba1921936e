package workflow

import "slices"

var (
	opinion = Needs{Opinion: true}
	reason  = Needs{Reason: true}

	beforePublish = []State{
		Draft, Returned, Scanning, UnitCheck, SecrecyReview, Countersign, LeaderApproval, ChiefApproval, Approved, Registered, Scheduled,
	}
	submitted = []State{
		UnitCheck, SecrecyReview, Countersign, LeaderApproval, ChiefApproval, Approved, Registered, Scheduled, Published, Suspended,
		Returned, Rejected, Denied, Cancelled, Withdrawn, Superseded, Expired,
	}
	held      = []State{UnitCheck, SecrecyReview, LeaderApproval, ChiefApproval} // steps that several may hold
	notSealed = append(slices.Clone(beforePublish), Published, Suspended, Rejected, Denied, Cancelled, Withdrawn, Superseded, Expired, Referred)
)

var rules = []rule{
	{From: []State{Draft, Returned}, Event: Edit, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty},
	{From: []State{Draft, Returned}, Event: Attach, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty},
	{From: []State{Draft, Returned}, Event: Detach, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty},
	{
		From: []State{Draft, Returned}, Event: Submit, To: Scanning, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty,
		who: []guard{isAuthor}, guard: []guard{complete, contestable, covered}, do: []effect{scanJob},
	},
	{
		From: []State{Draft}, Event: Reassign, To: Draft, Roles: []Role{UnitHead}, Needs: Needs{Reason: true, Fields: []string{"to"}},
		terms: []guard{heir}, do: []effect{handOver},
	},
	{
		From: []State{Returned}, Event: Reassign, To: Returned, Roles: []Role{UnitHead}, Needs: Needs{Reason: true, Fields: []string{"to"}},
		terms: []guard{heir}, do: []effect{handOver},
	},
	{From: []State{Scanning}, Event: ScanClear, When: withUnitStep, To: UnitCheck, Roles: []Role{System}, do: []effect{found}},
	{From: []State{Scanning}, Event: ScanClear, When: withoutUnitStep, To: SecrecyReview, Roles: []Role{System}, do: []effect{found}},
	{From: []State{Scanning}, Event: ScanReturn, To: Returned, Roles: []Role{System}, Round: true, do: []effect{found}},
	{
		From:  []State{Scanning, UnitCheck, SecrecyReview, LeaderApproval, ChiefApproval},
		Event: Recall, To: Draft, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty, Round: true, who: []guard{isAuthor},
	},
	{From: beforePublish, Event: Cancel, To: Cancelled, Roles: []Role{Drafter, UnitHead}, Needs: reason, Void: true, who: []guard{isAuthorOrHead}},

	{From: held, Event: TakeUp, Roles: []Role{UnitHead, Reviewer, Leader, Chief}, who: []guard{holdsStep}, guard: []guard{unclaimed}, do: []effect{takeUp}},
	{From: held, Event: Release, Roles: []Role{UnitHead, Reviewer, Leader, Chief}, who: []guard{claimant}, do: []effect{release}},
	{From: held, Event: Remind, Roles: []Role{Drafter, UnitHead, Leader, Chief}, guard: []guard{unreminded}, do: []effect{remind}},

	{From: []State{UnitCheck}, Event: UnitPass, To: SecrecyReview, Roles: []Role{UnitHead}, Duty: HeadDuty, Needs: opinion},
	{From: []State{UnitCheck}, Event: Return, To: Returned, Roles: []Role{UnitHead}, Duty: HeadDuty, Needs: reason, Round: true},

	{From: []State{SecrecyReview}, Event: Dispose, Roles: []Role{Reviewer}, Duty: ReviewerDuty, who: []guard{untouched}, guard: []guard{disposable}, do: []effect{dispose}},
	{
		From: []State{SecrecyReview}, Event: SecrecyPass, To: LeaderApproval, Roles: []Role{Reviewer}, Duty: ReviewerDuty,
		Needs: opinion, who: []guard{untouched}, guard: []guard{scanned, findingsDone},
	},
	{From: []State{SecrecyReview}, Event: SecrecyReject, To: Rejected, Roles: []Role{Reviewer}, Duty: ReviewerDuty, Needs: reason, Round: true, who: []guard{untouched}},
	{From: []State{SecrecyReview}, Event: Return, To: Returned, Roles: []Role{Reviewer}, Duty: ReviewerDuty, Needs: reason, Round: true, who: []guard{untouched}},

	{
		From: []State{SecrecyReview}, Event: RaiseClass, To: SecrecyReview, Roles: []Role{Reviewer}, Duty: ReviewerDuty, Needs: reason,
		who: []guard{untouched}, guard: []guard{mayRise}, do: []effect{rise},
	},
	{
		From: []State{SecrecyReview}, Event: AskCountersign, To: Countersign, Roles: []Role{Reviewer}, Duty: ReviewerDuty,
		Needs: Needs{Opinion: true, Fields: []string{"persons"}}, who: []guard{untouched}, terms: []guard{signersFit}, do: []effect{askSigners},
	},
	{
		From: []State{Countersign}, Event: Cosign, When: othersToSign, To: Countersign, Roles: []Role{Countersigner}, Duty: SignerDuty,
		Needs: Needs{Opinion: true, Fields: []string{"result"}}, who: []guard{askedToSign}, terms: []guard{signedSo},
	},
	{
		From: []State{Countersign}, Event: Cosign, When: lastToSign, To: SecrecyReview, Roles: []Role{Countersigner}, Duty: SignerDuty,
		Needs: Needs{Opinion: true, Fields: []string{"result"}}, who: []guard{askedToSign}, terms: []guard{signedSo},
	},
	{
		From: []State{Countersign}, Event: DropCountersign, To: SecrecyReview, Roles: []Role{Reviewer}, Duty: ReviewerDuty, Needs: reason,
		who: []guard{untouched},
	},

	{
		From: []State{LeaderApproval}, Event: LeaderApprove, When: ordinary, To: Approved, Roles: []Role{Leader, Chief},
		Duty: LeaderDuty, Needs: opinion, guard: []guard{scanned, findingsDone, passed},
	},
	{
		From: []State{LeaderApproval}, Event: LeaderApprove, When: important, To: ChiefApproval, Roles: []Role{Leader, Chief},
		Duty: LeaderDuty, Needs: opinion, guard: []guard{scanned, findingsDone, passed},
	},
	{From: []State{LeaderApproval}, Event: Return, To: Returned, Roles: []Role{Leader, Chief}, Duty: LeaderDuty, Needs: reason, Round: true},
	{From: []State{LeaderApproval}, Event: Deny, To: Denied, Roles: []Role{Leader, Chief}, Duty: LeaderDuty, Needs: reason, Round: true},
	{
		From: []State{ChiefApproval}, Event: ChiefApprove, To: Approved, Roles: []Role{Chief}, Duty: ChiefDuty,
		Needs: opinion, guard: []guard{scanned, findingsDone, passed},
	},
	{From: []State{ChiefApproval}, Event: Return, To: Returned, Roles: []Role{Chief}, Duty: ChiefDuty, Needs: reason, Round: true},
	{From: []State{ChiefApproval}, Event: Deny, To: Denied, Roles: []Role{Chief}, Duty: ChiefDuty, Needs: reason, Round: true},

	{
		From:  []State{SecrecyReview, Countersign, LeaderApproval, ChiefApproval, Approved, Registered, Scheduled},
		Event: Rescan, When: somethingNew, To: SecrecyReview, Roles: []Role{System}, Round: true, Void: true, do: []effect{found},
	},
	{
		From:  []State{SecrecyReview, Countersign, LeaderApproval, ChiefApproval, Approved, Registered, Scheduled},
		Event: Rescan, When: nothingNew, Roles: []Role{System}, do: []effect{found},
	},

	{
		From: []State{Approved}, Event: Register, To: Registered, Roles: []Role{Publisher}, Duty: PublishDuty,
		guard: []guard{approved}, do: []effect{number, packJob},
	},
	{From: []State{Approved, Registered, Scheduled}, Event: Return, To: Returned, Roles: []Role{Publisher}, Duty: PublishDuty, Needs: reason, Round: true, Void: true},
	{
		From: []State{Registered, Scheduled}, Event: Schedule, To: Scheduled, Roles: []Role{Publisher}, Duty: PublishDuty,
		Needs: Needs{Fields: []string{"at"}}, guard: []guard{approved, archived}, terms: []guard{schedulable}, do: []effect{timerJob},
	},
	{From: []State{Scheduled}, Event: Unschedule, To: Registered, Roles: []Role{Publisher}, Duty: PublishDuty},
	{
		From: []State{Registered, Scheduled}, Event: Publish, To: Published, Roles: []Role{Publisher}, Duty: PublishDuty,
		guard: []guard{approved, archived, unsettled, inWindow, fresh, parentStands}, do: []effect{show},
	},

	{
		From: []State{Published}, Event: Amend, To: Published, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty, who: []guard{isAuthor},
		guard: []guard{noOpenChild, notRedacted}, do: []effect{amendment},
	},
	{
		From: submitted, Event: Twin, Roles: []Role{Drafter, UnitHead}, Duty: AuthorDuty, Needs: Needs{Reason: true, Fields: []string{"passages", "mode"}},
		who: []guard{isAuthor}, terms: []guard{passagesThere}, do: []effect{twin},
	},
	{From: []State{Published}, Event: Supersede, To: Superseded, Roles: []Role{System}, do: []effect{hide}},
	{From: append(slices.Clone(beforePublish), Published, Suspended), Event: Follow, To: Withdrawn, Roles: []Role{System}, Round: true, do: []effect{hide}},

	{From: []State{Published}, Event: FlagRecall, To: Published, Roles: []Role{System}, do: []effect{flagRecall}},
	{
		From: []State{Published}, Event: ClearRecall, To: Published, Roles: []Role{Publisher}, Duty: PublishDuty, Needs: reason,
		guard: []guard{recalled}, do: []effect{clearRecall},
	},

	{
		From: []State{Approved, Registered, Scheduled, Published}, Event: Suspend, To: Suspended,
		Roles: []Role{Publisher, Reviewer, Leader, Chief, DutyOfficer, System}, Needs: reason, Round: true, do: []effect{hide},
	},
	{From: []State{Suspended}, Event: ConfirmTakedown, To: Withdrawn, Roles: []Role{Leader, Chief}, who: []guard{otherThanSuspender}, guard: []guard{dark}},
	{
		From: []State{Suspended}, Event: Reinstate, To: SecrecyReview, Roles: []Role{Leader, Chief}, Round: true, Void: true,
		who: []guard{otherThanSuspender}, guard: []guard{dark},
	},
	{
		From: []State{Published}, Event: AskWithdraw, To: Published, Roles: []Role{Drafter, UnitHead, Reviewer},
		Needs: Needs{Reason: true, Fields: []string{"notice", "target"}}, terms: []guard{noticed},
	},
	{
		From: []State{Published}, Event: ApproveWithdraw, To: Published, Roles: []Role{Leader, Chief},
		Needs: Needs{Opinion: true, Fields: []string{"result"}}, who: []guard{otherThanAsker}, guard: []guard{withdrawAsked}, terms: []guard{answered},
	},
	{
		From: []State{Published}, Event: Withdraw, To: Withdrawn, Roles: []Role{Publisher}, Duty: PublishDuty, Needs: reason,
		guard: []guard{withdrawApproved}, do: []effect{hide},
	},
	{From: []State{Registered, Scheduled, Published}, Event: Expire, To: Expired, Roles: []Role{System}, guard: []guard{over}, do: []effect{hide}},
	{
		From: []State{SecrecyReview}, Event: Refer, To: Referred, Roles: []Role{Reviewer}, Duty: ReviewerDuty,
		Needs: Needs{Fields: []string{"question", "ground", "letter_no"}}, Round: true, who: []guard{untouched}, terms: []guard{referable},
	},
	{
		From: []State{LeaderApproval}, Event: Refer, To: Referred, Roles: []Role{Leader, Chief}, Duty: LeaderDuty,
		Needs: Needs{Fields: []string{"question", "ground", "letter_no"}}, Round: true, terms: []guard{referable},
	},
	{
		From: []State{Referred}, Event: ProposeVerdict, To: Referred, Roles: []Role{SecrecyOfficer},
		Needs: Needs{Fields: []string{"result", "reply_no"}}, terms: []guard{determinable},
	},
	{
		From: []State{Referred}, Event: ConfirmVerdict, When: foundOpen, To: SecrecyReview, Roles: []Role{SecrecyOfficer}, Needs: opinion,
		who: []guard{otherThanProposer}, guard: []guard{proposed},
	},
	{
		From: []State{Referred}, Event: ConfirmVerdict, When: foundSecret, To: Sealed, Roles: []Role{SecrecyOfficer}, Needs: opinion, Round: true,
		who: []guard{otherThanProposer}, guard: []guard{proposed}, do: []effect{hide},
	},
	{
		From: []State{Referred}, Event: ConfirmVerdict, When: unanswered, To: Rejected, Roles: []Role{SecrecyOfficer}, Needs: opinion, Round: true,
		who: []guard{otherThanProposer}, guard: []guard{proposed},
	},
	{From: []State{Sealed}, Event: ProposeUnseal, To: Sealed, Roles: []Role{SecrecyOfficer}, Needs: reason, who: []guard{noAuthor}},
	{
		From: []State{Sealed}, Event: ConfirmUnseal, When: sealedOpen, To: SecrecyReview, Roles: []Role{SecrecyOfficer}, Needs: opinion, Round: true,
		who: []guard{otherThanProposer, noAuthor}, guard: []guard{proposed, parentOpen},
	},
	unsealed(Rejected), unsealed(Denied), unsealed(Cancelled), unsealed(Withdrawn), unsealed(Superseded), unsealed(Expired),
	{
		From: []State{Sealed}, Event: ProposeDisposal, To: Sealed, Roles: []Role{SecrecyOfficer},
		Needs: Needs{Reason: true, Fields: []string{"reply_no"}}, terms: []guard{handedOver},
	},
	{
		From: []State{Sealed}, Event: ConfirmDisposal, To: Disposed, Roles: []Role{SecrecyOfficer}, Needs: opinion,
		who: []guard{otherThanProposer}, guard: []guard{proposed, dark}, do: []effect{purgeJob},
	},
	{From: notSealed, Event: Seal, To: Sealed, Roles: []Role{System, Reviewer, SecrecyOfficer}, Round: true, Void: true, do: []effect{found, hide}},
}
