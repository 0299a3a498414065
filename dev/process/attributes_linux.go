package process

import "syscall"

// attributes has the kernel send SIGINT when we die, which is PostgreSQL's fast shutdown.
func attributes(who *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT, Credential: who}
}
