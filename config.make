# Read by nginx's ./configure after its makefile is written: "make modules"
# builds the module where config prepared it, "make install" installs it.

case "$NGX_MODULES_PATH" in
    /*) wac_modules_path=$NGX_MODULES_PATH ;;
    *)  wac_modules_path=${NGX_PREFIX:-/usr/local/nginx}/$NGX_MODULES_PATH ;;
esac

cat << END                                                    >> $NGX_MAKEFILE

modules:	ngx_http_wac_module

ngx_http_wac_module:	$NGX_AUTO_CONFIG_H
	\$(MAKE) -C $NGX_OBJS/wac ngx_http_wac_module

install:	install_ngx_http_wac_module

install_ngx_http_wac_module:	ngx_http_wac_module
	test -d '\$(DESTDIR)$wac_modules_path' \\
		|| mkdir -p '\$(DESTDIR)$wac_modules_path'
	test ! -f '\$(DESTDIR)$wac_modules_path/ngx_http_wac_module.so' \\
		|| mv '\$(DESTDIR)$wac_modules_path/ngx_http_wac_module.so' \\
			'\$(DESTDIR)$wac_modules_path/ngx_http_wac_module.so.old'
	cp $NGX_OBJS/ngx_http_wac_module.so \\
		'\$(DESTDIR)$wac_modules_path/ngx_http_wac_module.so'

.PHONY:	ngx_http_wac_module install_ngx_http_wac_module

END
