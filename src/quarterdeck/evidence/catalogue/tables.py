"""The tables of a software catalogue: entities, relations among them, and, apart, the people in them."""

import polars as pl

from quarterdeck.evidence.schema import LINE, ORIGIN, Column, Table

_TEXTS = pl.List(pl.String())

ENTITIES = Table(
    "catalogue_entities",
    "Everything a catalogue names but people: components, systems, interfaces, resources, groups, domains.",
    (
        Column("entity", pl.String(), "Full reference, kind:namespace/name, in lower case: component:default/shop."),
        Column("kind", pl.String(), "Kind, as written: Component, System, API, Resource, Group, Domain, Location."),
        Column("namespace", pl.String(), "Namespace; default where none is given."),
        Column("name", pl.String(), "Name within kind and namespace, as written."),
        Column("title", pl.String(), "Name for people, where given."),
        Column("description", pl.String(), "What it is."),
        Column("owner", pl.String(), "Reference of the group that owns it; empty where nobody or a person does."),
        Column("owner_written", pl.String(), "The owning group as written, before it was completed."),
        Column("owner_person", pl.String(), "Reference of the person who owns it.", person=True),
        Column("lifecycle", pl.String(), "Stage of life in the catalogue's own words: experimental, production."),
        Column("type", pl.String(), "Type in the catalogue's own words: service, website, library, team."),
        Column("system", pl.String(), "Reference of the system it is part of."),
        Column("domain", pl.String(), "Reference of the domain it is part of."),
        Column("tags", _TEXTS, "Tags."),
        Column("annotation_names", _TEXTS, "Names of its annotations, in the order written."),
        Column("annotation_values", _TEXTS, "Values of its annotations, in the same order."),
        Column("repository", pl.String(), "Repository's path on its host (acme/shop), from its annotations."),
        ORIGIN,
        LINE,
    ),
    ("entity",),
)

RELATIONS = Table(
    "catalogue_relations",
    "Relations between entities; those of people stand in catalogue_members.",
    (
        Column("from_entity", pl.String(), "Reference of the entity that states it."),
        Column(
            "relation",
            pl.String(),
            "dependsOn, consumesApi, providesApi, partOf, subcomponentOf, ownedBy, childOf (a group of a group).",
        ),
        Column("to_entity", pl.String(), "Reference of the other entity, which need not be in the catalogue."),
        Column("written", pl.String(), "The other entity as written, before it was completed."),
        ORIGIN,
        LINE,
    ),
    ("from_entity", "relation", "to_entity"),
)

PEOPLE = Table(
    "catalogue_people",
    "People a catalogue names.",
    (
        Column("person", pl.String(), "Reference of the person, user:namespace/name, in lower case.", person=True),
        Column("display_name", pl.String(), "Name as displayed.", person=True),
        Column("email", pl.String(), "E-mail address.", person=True),
        ORIGIN,
        LINE,
    ),
    ("person",),
)

MEMBERS = Table(
    "catalogue_members",
    "Who belongs to which group, from either side.",
    (
        Column("person", pl.String(), "Reference of the person.", person=True),
        Column("relation", pl.String(), "memberOf."),
        Column("group", pl.String(), "Reference of the group."),
        ORIGIN,
        LINE,
    ),
    ("person", "relation", "group"),
)
