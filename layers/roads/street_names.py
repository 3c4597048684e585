"""Street names as they are common in Huế, for invented streets."""

STREET_NAMES: tuple[str, ...] = tuple(
    f"Đường {name}"
    for name in (
        "Lê Lợi", "Huế", "Hùng Vương", "Nguyễn Huệ", "Trần Hưng Đạo", "Đinh Tiên Hoàng", "23 Tháng 8", "Kim Long",
        "Nguyễn Phúc Nguyên", "Hà Nội", "Bến Nghé", "Đống Đa", "Lý Thường Kiệt", "Phan Bội Châu", "Phan Chu Trinh",
        "Phan Đình Phùng", "Điện Biên Phủ", "Trường Chinh", "Tố Hữu", "Bà Triệu", "Hai Bà Trưng", "Ngô Quyền",
        "Nguyễn Trãi", "Nguyễn Trường Tộ", "Nguyễn Công Trứ", "Nguyễn Thái Học", "Nguyễn Sinh Cung", "Bùi Thị Xuân",
        "Lê Duẩn", "Lê Hồng Phong", "Lê Thánh Tôn", "Lê Huân", "Lê Văn Hưu", "Đặng Thái Thân", "Đặng Dung",
        "Đoàn Thị Điểm", "Mai Thúc Loan", "Chi Lăng", "Bạch Đằng", "Huỳnh Thúc Kháng", "Tăng Bạt Hổ", "Thái Phiên",
        "Ông Ích Khiêm", "Xuân 68", "Nhật Lệ", "Thạch Hãn", "Hồ Xuân Hương", "Minh Mạng", "Tự Đức", "Khải Định",
        "Đồng Khánh", "An Dương Vương", "Dương Văn An", "Phạm Văn Đồng", "Võ Nguyên Giáp", "Hoàng Quốc Việt",
        "Nguyễn Lộ Trạch", "Nguyễn Tất Thành", "Thủy Dương", "Thiên Thai", "Ngự Bình", "Trần Phú", "Đào Tấn",
        "Sóng Hồng", "Nguyễn Khoa Văn", "Kinh Dương Vương", "Lạc Long Quân", "Âu Cơ", "Trịnh Công Sơn", "Văn Cao",
    )
)  # fmt: skip
