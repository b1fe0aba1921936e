package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"qingyang/seeds"
	"qingyang/workflow"
	"qingyang/workflow/ledger"
)

// What the first start without demo staff needs: a configuration and the first people, both from the host, both on the log.
// Afterwards neither command does anything: the security administrators grant, two persons change the configuration.

var (
	errConfigured = errors.New("已有配置，主机命令只用于首次启动 (configured already: the host's command is for the first start only)")
	errComplete   = errors.New("已有两名安全保密管理员和一名审计员，此后由他们授权 (two security administrators and an auditor are there: from now on they grant)")
)

// configureCommand gives an empty house the configuration of a file.
func configureCommand(ctx context.Context, args []string, t terminal) int {
	c, words, err := withFlags("configure", args, t, nil)
	if err != nil {
		return fail(t, err)
	}
	if len(words) != 1 {
		fmt.Fprintln(t.err, "用法 usage: qingyang configure FILE.toml")
		return exitFail
	}
	text, err := os.ReadFile(words[0])
	if err != nil {
		return fail(t, err)
	}
	s, err := seeds.House(string(text))
	if err != nil {
		return fail(t, fmt.Errorf("%s: %w", words[0], err))
	}
	a, err := openReal(ctx, c, t)
	if err != nil {
		return fail(t, err)
	}
	defer a.close(ctx) //nolint:errcheck // what was done is committed
	if err := a.configure(ctx, s); err != nil {
		return fail(t, err)
	}
	fmt.Fprintf(t.out, "已配置 configured: %s, %d 个单位 units, %d 个渠道 channels, %d 个栏目 columns\n", s.House, len(s.Units), len(s.Channels), len(s.Columns))
	return exitDone
}

// openReal opens the program without the demo staff, who configure and enrol themselves.
func openReal(ctx context.Context, c config, t terminal) (*app, error) {
	if c.demo() {
		return nil, fmt.Errorf("%w: 演示模式自带配置和人员；请先在配置中写明目录服务 (demo mode has its own staff; configure a directory first)", errConfig)
	}
	return open(ctx, c, wallClock, quiet(t.err))
}

func (a *app) configure(ctx context.Context, s workflow.Setup) error {
	_, err := a.desk.Setup(ctx)
	if err == nil {
		return errors.Join(errConfigured, a.refused(ctx, workflow.Configured, "configured"))
	}
	if !errors.Is(err, workflow.ErrMissing) {
		return err
	}
	return a.desk.Configure(ctx, s)
}

// refused puts a refusal on the log.
func (a *app) refused(ctx context.Context, e workflow.Event, reason string) error {
	rec := ledger.Record{
		At: a.now(), Person: byHand.ID, Name: byHand.Name, Role: string(workflow.System), Event: string(e), Result: ledger.Refused,
		Reasons: []string{reason}, Address: byHand.Address,
	}
	return a.db.InTx(ctx, func(tx workflow.Tx) error { return tx.Note(ctx, rec) })
}

// enrolCommand gives a person of the directory roles, until the house has those who grant.
func enrolCommand(ctx context.Context, args []string, t terminal) int {
	c, words, err := withFlags("enrol", args, t, nil)
	if err != nil {
		return fail(t, err)
	}
	if len(words) < 2 {
		fmt.Fprintln(t.err, "用法 usage: qingyang enrol ACCOUNT ROLE[@SCOPE]…")
		return exitFail
	}
	a, err := openReal(ctx, c, t)
	if err != nil {
		return fail(t, err)
	}
	defer a.close(ctx) //nolint:errcheck // what was done is committed
	e, err := a.enrol(ctx, words[0], words[1:])
	if err != nil {
		return fail(t, err)
	}
	fmt.Fprintf(t.out, "已授权 enrolled: %s %s %s\n", e.Account, e.Name, strings.Join(words[1:], " "))
	return a.missing(ctx, t)
}

// enrol looks the person up and grants. A former grant of the same person is replaced.
func (a *app) enrol(ctx context.Context, account string, roles []string) (e workflow.DirectoryEntry, err error) {
	setup, err := a.desk.Setup(ctx)
	if errors.Is(err, workflow.ErrMissing) {
		return e, errors.New("尚未配置，请先运行 qingyang configure (configure the house first)")
	}
	if err != nil {
		return e, err
	}
	admins, auditors, err := a.grantors(ctx)
	if err != nil {
		return e, err
	}
	if admins >= 2 && auditors >= 1 {
		return e, errors.Join(errComplete, a.refused(ctx, workflow.Granted, "first_start_over"))
	}
	var grants []workflow.Grant
	for _, r := range roles {
		g, err := readGrant(r, setup)
		if err != nil {
			return e, err
		}
		grants = append(grants, g)
	}
	if e, err = a.staff.Lookup(ctx, account); err != nil {
		return e, fmt.Errorf("目录中查找 %s (look up in the directory): %w", account, err)
	}
	if e.Disabled || e.Employee == "" || e.ID == "" {
		return e, fmt.Errorf("%s 已停用，或者目录中没有工号，不能授权 (disabled, or without an employee number)", account)
	}
	return e, a.desk.Enrol(ctx, e, grants)
}

// grantors counts the security administrators and auditors.
func (a *app) grantors(ctx context.Context) (admins, auditors int, err error) {
	people, err := a.db.People(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, p := range people {
		gs, err := a.desk.Grants(ctx, p)
		if err != nil {
			return 0, 0, err
		}
		who := workflow.Actor{Person: p, Grants: gs}
		if who.Has(workflow.SecurityAdmin, "") {
			admins++
		}
		if who.Has(workflow.Auditor, "") {
			auditors++
		}
	}
	return admins, auditors, nil
}

// readGrant reads ROLE or ROLE@SCOPE. A role that is bound to a unit or a channel needs one of the house.
func readGrant(text string, s workflow.Setup) (workflow.Grant, error) {
	role, scope, _ := strings.Cut(text, "@")
	g := workflow.Grant{Role: workflow.Role(role), Scope: scope}
	bound, known := workflow.Bound(g.Role)
	has := s.Bounds(g)
	switch {
	case !known:
		return g, fmt.Errorf("没有这个角色 (no such role): %q", role)
	case !has && bound == "":
		return g, fmt.Errorf("%s 不带范围 (takes no scope): %q", role, text)
	case !has && bound == workflow.UnitBound:
		return g, fmt.Errorf("%s 须写明本单位配置中的单位 (needs a unit of the house): %q", role, text)
	case !has:
		return g, fmt.Errorf("%s 须写明配置中的渠道 (needs a channel of the house): %q", role, text)
	}
	return g, nil
}

// missing says who is still to be enrolled.
func (a *app) missing(ctx context.Context, t terminal) int {
	admins, auditors, err := a.grantors(ctx)
	if err != nil {
		return fail(t, err)
	}
	if admins >= 2 && auditors >= 1 {
		fmt.Fprintln(t.out, "首次启动的授权到此结束 the first start is over: "+errComplete.Error())
		return exitDone
	}
	fmt.Fprintf(t.out, "还缺 still missing: %d 名 security_admin, %d 名 auditor\n", max(0, 2-admins), max(0, 1-auditors))
	return exitDone
}

// firstSteps tells the operator what an empty house needs. It says nothing in demo mode and once the house is complete.
func (a *app) firstSteps(ctx context.Context, t terminal) error {
	if a.conf.demo() {
		return nil
	}
	_, err := a.desk.Setup(ctx)
	if errors.Is(err, workflow.ErrMissing) {
		fmt.Fprintln(t.out, "尚未配置 not configured: qingyang configure FILE.toml，再用 qingyang enrol 授权首批人员 then enrol the first people")
		return nil
	}
	if err != nil {
		return err
	}
	admins, auditors, err := a.grantors(ctx)
	if err == nil && (admins < 2 || auditors < 1) {
		fmt.Fprintln(t.out, "还须授权两名安全保密管理员和一名审计员 enrol two security administrators and an auditor: qingyang enrol ACCOUNT ROLE")
	}
	return err
}
