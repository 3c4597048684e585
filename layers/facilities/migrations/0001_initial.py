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
            name='Facility',
            fields=[
                ('fid', models.BigAutoField(primary_key=True, serialize=False)),
                ('geom3857', models.GeneratedField(db_persist=True, expression=django.contrib.gis.db.models.functions.Transform('geom', 3857), output_field=django.contrib.gis.db.models.fields.GeometryField(spatial_index=False, srid=3857))),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('unit_code', models.CharField(blank=True, db_index=True, default='', max_length=16)),
                ('geom', django.contrib.gis.db.models.fields.PointField(srid=4326, verbose_name='vị trí')),
                ('name', models.CharField(blank=True, db_default='', max_length=200, verbose_name='tên')),
                ('kind', models.CharField(choices=[('committee', 'Ủy ban nhân dân'), ('public_office', 'Cơ quan nhà nước'), ('hospital', 'Bệnh viện'), ('health_station', 'Trạm y tế, phòng khám'), ('pharmacy', 'Nhà thuốc'), ('kindergarten', 'Trường mầm non'), ('school', 'Trường học'), ('university', 'Đại học, cao đẳng'), ('library', 'Thư viện'), ('market', 'Chợ'), ('police', 'Công an'), ('fire_station', 'Cảnh sát chữa cháy'), ('post_office', 'Bưu điện'), ('bus_station', 'Bến xe'), ('railway_station', 'Ga tàu'), ('fuel', 'Trạm xăng'), ('pagoda', 'Chùa'), ('church', 'Nhà thờ'), ('worship', 'Đình, đền, nơi thờ tự khác'), ('culture', 'Nhà văn hóa, bảo tàng, nhà hát'), ('sports', 'Thể thao'), ('park', 'Công viên'), ('shelter', 'Điểm trú bão, lũ'), ('toilets', 'Nhà vệ sinh công cộng'), ('parking', 'Bãi đỗ xe')], max_length=20, verbose_name='loại')),
                ('address', models.CharField(blank=True, db_default='', max_length=250, verbose_name='địa chỉ')),
                ('phone', models.CharField(blank=True, db_default='', max_length=60, verbose_name='điện thoại')),
                ('operator', models.CharField(blank=True, db_default='', max_length=200, verbose_name='đơn vị quản lý')),
                ('opening_hours', models.CharField(blank=True, db_default='', max_length=200, verbose_name='giờ mở cửa')),
                ('osm_id', models.BigIntegerField(blank=True, null=True, verbose_name='mã OpenStreetMap')),
                ('osm_type', models.CharField(blank=True, db_default='', max_length=8, verbose_name='loại phần tử OpenStreetMap')),
                ('source', models.CharField(blank=True, db_default='', max_length=200, verbose_name='nguồn')),
            ],
            options={
                'verbose_name': 'công trình công cộng',
                'verbose_name_plural': 'công trình công cộng',
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['geom3857'], name='facility_geom3857'), models.Index(fields=['osm_type', 'osm_id'], name='facility_osm')],
            },
        ),
    ]
