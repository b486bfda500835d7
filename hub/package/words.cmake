# What the maintainer scripts of common/package say of the hub.
set(LIAISON_NAMED "镇中心")
set(LIAISON_MARK db)  # there once the hub was set up or restored
set(LIAISON_NEXT "镇中心程序已装好，还没有建立数据。接下来：
  1. 把名册文件夹放到程序能读的地方，如 /srv/roster（格式见 /usr/share/doc/liaison-hub/examples/roster）；
  2. 运行：sudo liaison hub init --data /var/lib/liaison/hub --roster /srv/roster，记下它显示的设置码
  3. 运行：sudo systemctl start liaison-hub
  4. 在本机打开网页 http://127.0.0.1:7080/，用设置码建立系统管理员；站点连接本机的 7061 端口。
网页和端口的地址写在 /etc/default/liaison-hub；备份可以放在 /var/backups/liaison。")
