// Package workflow is the centre: what an item is, who may move it, and where each move leads. Everything that changes an
// item goes through Desk; what Desk needs from outside it asks for by the interfaces in ports.go.
package workflow

// State is where an item stands. Event is what may happen to it. Role is what a person was granted; Duty is the part a
// person played in one item.
type (
	State string
	Event string
	Role  string
	Duty  string
)

// The states of an item (DESIGN.md gives the Chinese terms; ui shows them).
const (
	Draft          State = "draft"           // 拟稿
	Scanning       State = "scanning"        // 自动检查
	UnitCheck      State = "unit_check"      // 科室审核
	SecrecyReview  State = "secrecy_review"  // 保密审查
	Countersign    State = "countersign"     // 会签
	Referred       State = "referred"        // 报保密局确定
	LeaderApproval State = "leader_approval" // 分管领导审批
	ChiefApproval  State = "chief_approval"  // 主要领导审批
	Approved       State = "approved"        // 待登记存档
	Registered     State = "registered"      // 已登记存档
	Scheduled      State = "scheduled"       // 定时待发
	Published      State = "published"       // 已发布
	Suspended      State = "suspended"       // 紧急下线
	Returned       State = "returned"        // 退回修改
	Rejected       State = "rejected"        // 不予公开
	Denied         State = "denied"          // 不同意发布
	Cancelled      State = "cancelled"       // 作废
	Withdrawn      State = "withdrawn"       // 撤稿
	Superseded     State = "superseded"      // 被替代
	Expired        State = "expired"         // 到期
	Sealed         State = "sealed"          // 疑似涉密封存
	Disposed       State = "disposed"        // 已清除移交
)

// The events of an item. Create, Edit, Attach, Detach and Dispose change it without moving it.
const (
	Create          Event = "create"
	Edit            Event = "edit"
	Attach          Event = "attach"
	Detach          Event = "detach"
	Dispose         Event = "dispose"
	Submit          Event = "submit"
	ScanClear       Event = "scan_clear"
	ScanReturn      Event = "scan_return"
	Recall          Event = "recall"
	Cancel          Event = "cancel"
	UnitPass        Event = "unit_pass"
	AskCountersign  Event = "ask_countersign"
	Cosign          Event = "countersign"
	DropCountersign Event = "drop_countersign"
	Refer           Event = "refer"
	ProposeVerdict  Event = "propose_determination"
	ConfirmVerdict  Event = "confirm_determination"
	ProposeUnseal   Event = "propose_unseal"
	ConfirmUnseal   Event = "confirm_unseal"
	ProposeDisposal Event = "propose_disposal"
	ConfirmDisposal Event = "confirm_disposal"
	RaiseClass      Event = "raise_class"
	Reassign        Event = "reassign"
	SecrecyPass     Event = "secrecy_pass"
	SecrecyReject   Event = "secrecy_reject"
	LeaderApprove   Event = "leader_approve"
	ChiefApprove    Event = "chief_approve"
	Return          Event = "return"
	Deny            Event = "deny"
	Rescan          Event = "rescan"
	Register        Event = "register"
	Schedule        Event = "schedule"
	Unschedule      Event = "unschedule"
	Publish         Event = "publish"
	Suspend         Event = "suspend"
	ConfirmTakedown Event = "confirm_takedown"
	Reinstate       Event = "reinstate"
	TakeUp          Event = "claim"
	Release         Event = "release"
	Remind          Event = "remind"
	Amend           Event = "amend"
	Twin            Event = "twin"
	Supersede       Event = "supersede"
	Follow          Event = "follow"
	AskWithdraw     Event = "ask_withdraw"
	ApproveWithdraw Event = "approve_withdraw"
	Withdraw        Event = "withdraw"
	Expire          Event = "expire"
	Seal            Event = "seal"
	FlagRecall      Event = "flag_recall"
	ClearRecall     Event = "clear_recall"
)

// Events that belong to no item.
const (
	HaltChannel   Event = "halt_channel"
	ResumeChannel Event = "resume_channel"
	Delivered     Event = "delivered"
	Archived      Event = "archived"
	Tampered      Event = "tampered" // somebody else wrote on a channel
	SignedIn      Event = "sign_in"
	SignedOut     Event = "sign_out"
	Granted       Event = "grant"
	Configured    Event = "configure"
	FrozenAccount Event = "freeze_account"
	Request       Event = "request" // refused at the gate
	ProposeTerms  Event = "propose_terms"
	ApproveTerms  Event = "approve_terms"
	RefuseTerms   Event = "refuse_terms"
	ApplyRole     Event = "apply_role" // 授权申请
	RefuseRole    Event = "refuse_role"
	ProposeHouse  Event = "propose_house" // approved, it is Configured
	RefuseHouse   Event = "refuse_house"
	ReadSealed    Event = "read_sealed"
	Export        Event = "export"
	Purged        Event = "purged"
	Quarantine    Event = "quarantine" // 恶意文件隔离
)

// The roles of DESIGN.md. System is the program itself.
const (
	Drafter        Role = "drafter"
	UnitHead       Role = "unit_head"
	Reviewer       Role = "reviewer"
	Countersigner  Role = "countersigner"
	Leader         Role = "leader"
	Chief          Role = "chief"
	Publisher      Role = "publisher"
	DeviceKeeper   Role = "device_keeper"
	SecrecyOfficer Role = "secrecy_officer"
	DutyOfficer    Role = "duty_officer"
	SecurityAdmin  Role = "security_admin"
	Auditor        Role = "auditor"
	System         Role = "system"
)

// The duties that exclude each other in one item (invariant 4). Registering and publishing are one.
const (
	AuthorDuty   Duty = "author"
	HeadDuty     Duty = "unit_head"
	ReviewerDuty Duty = "reviewer"
	SignerDuty   Duty = "countersigner"
	LeaderDuty   Duty = "leader"
	ChiefDuty    Duty = "chief"
	PublishDuty  Duty = "publisher"
)
