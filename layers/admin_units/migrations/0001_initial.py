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
            name='AdminSuccession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_code', models.CharField(max_length=8, verbose_name='mã cũ')),
                ('new_code', models.CharField(max_length=8, verbose_name='mã mới')),
                ('effective_on', models.DateField(verbose_name='có hiệu lực')),
                ('share_area', models.FloatField(db_default=1.0, verbose_name='tỷ lệ diện tích')),
            ],
            options={
                'verbose_name': 'kế thừa đơn vị hành chính',
                'verbose_name_plural': 'kế thừa đơn vị hành chính',
                'constraints': [models.UniqueConstraint(fields=('old_code', 'new_code', 'effective_on'), name='admin_succession_once'), models.CheckConstraint(condition=models.Q(('share_area__gt', 0), ('share_area__lte', 1)), name='admin_succession_share')],
            },
        ),
        migrations.CreateModel(
            name='AdminUnit',
            fields=[
                ('fid', models.BigAutoField(primary_key=True, serialize=False)),
                ('geom3857', models.GeneratedField(db_persist=True, expression=django.contrib.gis.db.models.functions.Transform('geom', 3857), output_field=django.contrib.gis.db.models.fields.GeometryField(spatial_index=False, srid=3857))),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('geom', django.contrib.gis.db.models.fields.MultiPolygonField(srid=4326, verbose_name='ranh giới')),
                ('code', models.CharField(max_length=8, verbose_name='mã')),
                ('name', models.CharField(max_length=80, verbose_name='tên')),
                ('full_name', models.CharField(max_length=100, verbose_name='tên đầy đủ')),
                ('kind', models.CharField(choices=[('phuong', 'Phường'), ('xa', 'Xã'), ('thi_tran', 'Thị trấn'), ('quan', 'Quận'), ('huyen', 'Huyện'), ('thi_xa', 'Thị xã'), ('thanh_pho', 'Thành phố')], max_length=16, verbose_name='loại')),
                ('level', models.CharField(choices=[('commune', 'Cấp xã'), ('district', 'Cấp huyện'), ('province', 'Cấp tỉnh')], max_length=16, verbose_name='cấp')),
                ('parent_code', models.CharField(blank=True, db_default='', max_length=8, verbose_name='mã cấp trên')),
                ('valid_from', models.DateField(verbose_name='hiệu lực từ')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='hiệu lực đến (không gồm)')),
                ('boundary_source', models.CharField(max_length=200, verbose_name='nguồn ranh giới')),
                ('approximate', models.BooleanField(db_default=False, verbose_name='ranh giới gần đúng')),
                ('area_km2', models.FloatField(blank=True, null=True, verbose_name='diện tích công bố (km²)')),
                ('population', models.IntegerField(blank=True, null=True, verbose_name='dân số')),
                ('old_names', models.TextField(blank=True, db_default='', verbose_name='tên các đơn vị cũ')),
                ('alias_keys', models.TextField(blank=True, db_default='', editable=False)),
            ],
            options={
                'verbose_name': 'đơn vị hành chính',
                'verbose_name_plural': 'đơn vị hành chính',
                'ordering': ['level', 'code', 'valid_from'],
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['geom3857'], name='admin_unit_geom3857')],
                'constraints': [models.UniqueConstraint(fields=('code', 'level', 'valid_from'), name='admin_unit_code_and_start'), models.UniqueConstraint(condition=models.Q(('valid_to__isnull', True)), fields=('code', 'level'), name='admin_unit_one_current'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='admin_unit_interval_forward')],
            },
        ),
    ]
