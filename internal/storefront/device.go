package storefront

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"hookandtag.example/shop/internal/session"
	"hookandtag.example/shop/internal/storefront/page"
)

const devicesPath = "/account/devices"

// listDevices shows a customer every place they are signed in (ASVS 7.5.2).
func (s *Server) listDevices(w http.ResponseWriter, r *http.Request, _ visit) error {
	devices, err := s.config.Sessions.Devices(r.Context())
	if err != nil {
		return err
	}
	p := &page.Devices{
		Layout: s.layout(r, "Where you are signed in"), Most: s.config.Limits.PerOwner,
		RecentSignIn: s.config.Sessions.AuthenticatedWithin(r.Context(), s.config.Reauthentication.Age),
	}
	for _, d := range devices {
		p.Devices = append(p.Devices, page.Device{
			Handle: d.Handle, Browser: page.BrowserName(d.UserAgent),
			Since: d.Created, LastUsed: d.LastUsed, Current: d.Current,
		})
	}
	return s.render(w, r, http.StatusOK, p)
}

// endDevice ends one other session. A handle of another customer's session is as unknown as one
// that names none (ASVS 8.2.2).
func (s *Server) endDevice(w http.ResponseWriter, r *http.Request, _ visit) error {
	handle := chi.URLParam(r, "handle")
	if !session.ValidHandle(handle) {
		return errNotFound
	}
	found, err := s.config.Sessions.EndDevice(r.Context(), handle)
	if err != nil {
		return err
	}
	s.askNextTime(w) // also where it had ended before: older authentications are refused all the same
	if !found {
		return errNotFound
	}
	s.addNotice(w, r, notice{code: codeDeviceEnded})
	redirect(w, devicesPath)
	return nil
}

func (s *Server) endOtherDevices(w http.ResponseWriter, r *http.Request, _ visit) error {
	n, err := s.config.Sessions.EndOtherDevices(r.Context())
	if err != nil {
		return err
	}
	s.askNextTime(w)
	if n == 0 {
		s.addNotice(w, r, notice{code: codeNoDeviceLeft})
	} else {
		s.addNotice(w, r, notice{codeDevicesEnded, []count{{n: n}}})
	}
	redirect(w, devicesPath)
	return nil
}
