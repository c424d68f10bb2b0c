"""Marquee's catalogue tables as they are."""

from django.db import models


class Tag(models.Model):
    slug = models.TextField(unique=True)
    name = models.TextField()

    class Meta:
        managed = False
        db_table = "tags"


class Director(models.Model):
    slug = models.TextField(unique=True)
    name = models.TextField()
    born = models.SmallIntegerField(null=True)
    died = models.SmallIntegerField(null=True)
    biography = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "people"


class Film(models.Model):
    slug = models.TextField(unique=True)
    title = models.TextField()
    sort_title = models.TextField()
    year = models.SmallIntegerField(null=True)
    runtime = models.SmallIntegerField(null=True)
    synopsis = models.TextField(null=True)
    directors = models.ManyToManyField(Director, related_name="films", through="Credit")
    tags = models.ManyToManyField(Tag, related_name="films", through="Tagged")

    class Meta:
        managed = False
        db_table = "movies"


class Credit(models.Model):
    pk = models.CompositePrimaryKey("film_id", "position")
    film = models.ForeignKey(Film, models.DO_NOTHING, db_column="movie_id")
    director = models.ForeignKey(Director, models.DO_NOTHING, db_column="person_id")
    position = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "credits"


class Tagged(models.Model):
    pk = models.CompositePrimaryKey("film_id", "position")
    film = models.ForeignKey(Film, models.DO_NOTHING, db_column="movie_id")
    tag = models.ForeignKey(Tag, models.DO_NOTHING)
    position = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "movie_tags"
