import django.contrib.gis.db.models.fields
import django.contrib.gis.db.models.functions
import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Road',
            fields=[
                ('fid', models.BigAutoField(primary_key=True, serialize=False)),
                ('geom3857', models.GeneratedField(db_persist=True, expression=django.contrib.gis.db.models.functions.Transform('geom', 3857), output_field=django.contrib.gis.db.models.fields.GeometryField(spatial_index=False, srid=3857))),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('geom', django.contrib.gis.db.models.fields.MultiLineStringField(srid=4326, verbose_name='tim đường')),
                ('name', models.CharField(blank=True, db_default='', max_length=200, verbose_name='tên đường')),
                ('ref', models.CharField(blank=True, db_default='', max_length=60, verbose_name='số hiệu')),
                ('kind', models.CharField(choices=[('motorway', 'Đường cao tốc'), ('motorway_link', 'Nhánh nối đường cao tốc'), ('trunk', 'Quốc lộ chính'), ('trunk_link', 'Nhánh nối quốc lộ chính'), ('primary', 'Quốc lộ'), ('primary_link', 'Nhánh nối quốc lộ'), ('secondary', 'Đường tỉnh, trục chính'), ('secondary_link', 'Nhánh nối đường tỉnh'), ('tertiary', 'Đường liên xã, liên phường'), ('tertiary_link', 'Nhánh nối đường liên xã'), ('unclassified', 'Đường xã'), ('residential', 'Đường phố, khu dân cư'), ('living_street', 'Đường nội bộ'), ('service', 'Đường phục vụ, kiệt'), ('road', 'Đường chưa rõ loại'), ('pedestrian', 'Phố đi bộ'), ('footway', 'Lối đi bộ'), ('steps', 'Bậc thang'), ('cycleway', 'Đường xe đạp'), ('bridleway', 'Đường cưỡi ngựa'), ('path', 'Đường mòn'), ('track', 'Đường lâm nghiệp, nội đồng'), ('construction', 'Đang thi công'), ('proposed', 'Dự kiến'), ('other', 'Loại khác')], max_length=20, verbose_name='loại')),
                ('surface', models.CharField(blank=True, choices=[('paved', 'Có lát mặt'), ('asphalt', 'Bê tông nhựa'), ('concrete', 'Bê tông xi măng'), ('paving_stones', 'Gạch, đá lát'), ('cobblestone', 'Đá cuội'), ('gravel', 'Đá dăm, cấp phối'), ('unpaved', 'Không lát mặt'), ('ground', 'Đất'), ('other', 'Loại khác')], db_default='', max_length=20, verbose_name='mặt đường')),
                ('width_m', models.FloatField(blank=True, null=True, verbose_name='bề rộng (m)')),
                ('lanes', models.SmallIntegerField(blank=True, null=True, verbose_name='số làn')),
                ('oneway', models.CharField(choices=[('no', 'Hai chiều'), ('yes', 'Một chiều'), ('reverse', 'Một chiều ngược hướng vẽ')], db_default='no', max_length=8, verbose_name='chiều đi')),
                ('maxspeed', models.SmallIntegerField(blank=True, null=True, verbose_name='tốc độ tối đa (km/h)')),
                ('manager', models.CharField(blank=True, db_default='', max_length=200, verbose_name='đơn vị quản lý')),
                ('osm_id', models.BigIntegerField(blank=True, null=True, verbose_name='mã OpenStreetMap')),
                ('source', models.CharField(blank=True, db_default='', max_length=200, verbose_name='nguồn')),
            ],
            options={
                'verbose_name': 'đoạn đường',
                'verbose_name_plural': 'đường',
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['geom3857'], name='road_geom3857'), models.Index(fields=['osm_id'], name='road_osm_id')],
                'constraints': [models.CheckConstraint(condition=models.Q(('width_m__gt', 0)), name='road_width_positive'), models.CheckConstraint(condition=models.Q(('lanes__gt', 0)), name='road_lanes_positive'), models.CheckConstraint(condition=models.Q(('maxspeed__gt', 0)), name='road_maxspeed_positive')],
            },
        ),
    ]
