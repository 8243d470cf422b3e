package transfer

import (
	"context"
	"errors"
	"io/fs"
	"path"
)

// keepTime sets the time that the uploaded file is to have. What becomes of it is seen when it is looked at.
func (c *Client) keepTime(ctx context.Context, u Upload) {
	if u.ModTime.IsZero() {
		return
	}
	_ = c.do(ctx, "setting the time", func() error { return c.sftp.Chtimes(u.written(), u.ModTime, u.ModTime) })
}

// makeFolder makes a folder and those above that are missing, once per connection, and sets the permissions of
// those that it made.
func (c *Client) makeFolder(ctx context.Context, folder string, mode fs.FileMode) error {
	c.mu.Lock()
	known := c.folders[folder]
	c.mu.Unlock()
	if known {
		return nil
	}
	err := c.do(ctx, "making the folder", func() error { return c.makeMissing(folder, mode) })
	if err == nil {
		c.mu.Lock()
		c.folders[folder] = true
		c.mu.Unlock()
	}
	return err
}

func (c *Client) makeMissing(folder string, mode fs.FileMode) error {
	if there, err := c.isFolder(folder); there || err != nil {
		return err
	}
	if above := path.Dir(path.Clean(folder)); above != path.Clean(folder) {
		if err := c.makeMissing(above, mode); err != nil {
			return err
		}
	}
	if err := c.sftp.Mkdir(folder); err != nil {
		if there, looking := c.isFolder(folder); there && looking == nil {
			return nil // another one made it in between
		}
		return err
	}
	if mode == 0 {
		return nil
	}
	return c.sftp.Chmod(folder, mode)
}

// isFolder tells whether a folder is there. Something else of its name is ErrFolder.
func (c *Client) isFolder(folder string) (bool, error) {
	info, err := c.sftp.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.IsDir():
		return false, failed(ErrFolder, "making the folder", errors.New("something else has its name"))
	default:
		return true, nil
	}
}
